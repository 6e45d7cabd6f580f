/** Adds a token to an XMP packet without touching what else is in it, and whatever its encoding. */

type XmpEncoding = "latin1" | "utf16le" | "utf16be";

interface XmpText {
  readonly text: string;
  readonly encoding: XmpEncoding;
}

const namespace = "urn:tatou:wm:1";
const rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/** The property as we write it, and as programs that write XMP anew do, with prefixes of their own. */
const bagStart = /<[A-Za-z_][\w.-]*:token\b[^<>]*>\s{0,1000}<([A-Za-z_][\w.-]*):Bag\b[^<>]*(?<!\/)>/;
const rdfEnd = /<\/[A-Za-z_][\w.-]*:RDF\s{0,1000}>/g;

/** A packet with nothing but the token. */
export function newXmp(token: string): Buffer {
  return Buffer.from(
    `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>\n` +
      `<x:xmpmeta xmlns:x="adobe:ns:meta/">\n<rdf:RDF xmlns:rdf="${rdf}">\n` +
      `${description(token)}</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>\n`,
  );
}

/** @returns the packet with the token before all others, or null when it has no place for one */
export function addXmpToken(packet: Buffer, token: string): Buffer | null {
  const xmp = decodeXmp(packet);
  const changed = xmp === null ? null : insertToken(xmp.text, token);
  return xmp === null || changed === null ? null : encode(changed, xmp.encoding);
}

function insertToken(text: string, token: string): string | null {
  const bag = text.includes(namespace) ? bagStart.exec(text) : null;
  if (bag !== null) {
    const end = bag.index + bag[0].length;
    return `${text.slice(0, end)}<${bag[1]}:li>${token}</${bag[1]}:li>${text.slice(end)}`;
  }
  const [last] = [...text.matchAll(rdfEnd)].slice(-1);
  return last === undefined ? null : text.slice(0, last.index) + description(token) + text.slice(last.index);
}

/** Names its namespaces itself: the packet around it may have given them other prefixes. */
function description(token: string): string {
  return (
    `<rdf:Description rdf:about="" xmlns:rdf="${rdf}" xmlns:tatou="${namespace}">\n` +
    `<tatou:token><rdf:Bag><rdf:li>${token}</rdf:li></rdf:Bag></tatou:token>\n</rdf:Description>\n`
  );
}

/** @returns null for UTF-32, which nobody writes; bytes of UTF-8 come as one character each, and go back as they came */
export function decodeXmp(packet: Buffer): XmpText | null {
  const [first = 0x20, second = 0x20, third = 0x20] = packet;
  if (first === 0 && second === 0) return null;
  if ((first === 0xfe && second === 0xff) || first === 0) {
    return { text: swapped(packet).toString("utf16le"), encoding: "utf16be" };
  }
  if ((first === 0xff && second === 0xfe) || second === 0) {
    return third === 0 && packet[3] === 0 ? null : { text: packet.toString("utf16le"), encoding: "utf16le" };
  }
  return { text: packet.toString("latin1"), encoding: "latin1" };
}

function encode(text: string, encoding: XmpEncoding): Buffer {
  return encoding === "utf16be" ? swapped(Buffer.from(text, "utf16le")) : Buffer.from(text, encoding);
}

/** A copy with the bytes of every pair exchanged; an odd last byte is damage and left out. */
function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();
}
