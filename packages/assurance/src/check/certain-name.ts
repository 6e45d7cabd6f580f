import { editDistance } from "@tatou/model";

/** A cure is certain only so near; and of a short word, where each letter says much, only nearer. */
const slipCountMax = 2;
const lettersPerSlip = 4;

/** The candidate that is at most two slips away, when it is the only one; null when there is none, or a choice. */
export function certainName(name: string, candidates: Iterable<string>): string | null {
  const most = Math.min(slipCountMax, Math.floor(name.length / lettersPerSlip));
  let certain: string | null = null;
  for (const candidate of candidates) {
    if (candidate === name) return null;
    if (candidate === certain) continue;
    if (Math.abs(candidate.length - name.length) > most || editDistance(name, candidate) > most) continue;
    if (certain !== null) return null;
    certain = candidate;
  }
  return certain;
}
