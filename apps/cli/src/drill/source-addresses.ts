/** Only Linux answers on all of 127.0.0.0/8 without being told to. */
const hasWholeRange = process.platform === "linux";

export const defaultSource = hasWholeRange ? "127.0.0.9" : "127.0.0.1";

/**
 * The loopback addresses from the first one on, round and round: 127.0.0.9, 127.0.0.10, ...; the first alone where it is none.
 * @param isWholeRange whether all of them can be taken; without sockets they always can
 */
export function sourceAddresses(first: string, isWholeRange = hasWholeRange): (index: number) => string {
  const start = hostNumber(first);
  if (!isWholeRange || start === null) return () => first;
  return (index) => {
    // Neither the network's own address nor its broadcast.
    const host = ((start - 1 + index) % (hostCount - 2)) + 1;
    return `127.${host >> 16}.${(host >> 8) & 255}.${host & 255}`;
  };
}

const hostCount = 2 ** 24;

/** The lower three bytes of a loopback address. */
function hostNumber(address: string): number | null {
  const [, second, third, fourth] = /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.map(Number) ?? [];
  return fourth === undefined ? null : (second! << 16) + (third! << 8) + fourth;
}
