import { expect, test } from "vitest";
import { xmpPacket } from "./testing/sample-documents.ts";
import { addXmpToken, decodeXmp, newXmp } from "./xmp-packet.ts";

const tokensIn = (packet: ReturnType<typeof addXmpToken>) =>
  decodeXmp(packet ?? Buffer.alloc(0))
    ?.text.match(/(?<=:li>)token-\d/g)
    ?.join(" ");

test("a new packet takes more tokens, the newest first", () => {
  expect(tokensIn(addXmpToken(newXmp("token-1"), "token-2"))).toBe("token-2 token-1");
});

test("what is in a packet stays, in each encoding", () => {
  const littleEndian = Buffer.from(xmpPacket, "utf16le");
  const bigEndian = Buffer.from(littleEndian).swap16();
  for (const packet of [Buffer.from(xmpPacket), littleEndian, bigEndian]) {
    const added = addXmpToken(packet, "token-1");
    const removed = decodeXmp(added ?? packet)?.text.replace(
      /<rdf:Description[^>]*tatou[^]*?<\/rdf:Description>\n/,
      "",
    );
    expect(tokensIn(added)).toBe("token-1");
    expect(removed).toBe(decodeXmp(packet)?.text);
  }
});

test("a packet that another program wrote anew, with prefixes of its own, keeps one bag", () => {
  const packet = newXmp("token-1").toString().replaceAll("rdf:", "R:").replaceAll("tatou:token", "ns1:token");
  const added = addXmpToken(Buffer.from(packet), "token-2");
  expect(tokensIn(added)).toBe("token-2 token-1");
  expect(added?.toString().split("<R:Bag>")).toHaveLength(2);
});

test.each([
  { what: "not XML", packet: Buffer.from("nothing") },
  { what: "an empty RDF element", packet: Buffer.from('<rdf:RDF xmlns:rdf="x"/>') },
  { what: "UTF-32", packet: Buffer.from([0, 0, 0, 0x3c]) },
  { what: "UTF-32, the other way round", packet: Buffer.from([0x3c, 0, 0, 0]) },
  { what: "nothing", packet: Buffer.alloc(0) },
])("there is no place for a token in: $what", ({ packet }) => {
  expect(addXmpToken(packet, "token-1")).toBeNull();
});

test.each(["<a:token ", "<a:token>   ", "</a:RDF ", "<a:token><b:Bag ", "urn:tatou:wm:1"])(
  "very many of %j take a moment",
  (part) => {
    expect(addXmpToken(Buffer.from(`urn:tatou:wm:1${part.repeat(200_000)}`), "token-1")).toBeNull();
  },
  5_000,
);
