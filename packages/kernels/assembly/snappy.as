// Compresses in the snappy block format, and decompresses: the kernel of encodeSnappy and decodeSnappy in src/snappy.ts, which
// says how, and writes the same bytes.
//
// The caller lays out the memory: the table of recent positions (u16 each), the source with 16 bytes of room behind it, the
// target, likewise.

const blockSize: u32 = 65536;
const tableBitsMin: u32 = 8;
const tableBitsMax: u32 = 14;
const tail: u32 = 15;

// @ts-ignore: decorator
@inline function literal(target: usize, source: usize, size: u32): usize {
  const last = size - 1;
  if (last < 60) store<u8>(target++, <u8>(last << 2));
  else if (last < 256) {
    store<u8>(target, 60 << 2);
    store<u8>(target + 1, <u8>last);
    target += 2;
  } else {
    store<u8>(target, 61 << 2);
    store<u16>(target + 1, <u16>last);
    target += 3;
  }
  if (size <= 16) v128.store(target, v128.load(source));
  else memory.copy(target, source, size);
  return target + size;
}

// @ts-ignore: decorator
@inline function copy(target: usize, offset: u32, size: u32): usize {
  let left = size;
  while (left > 64) {
    const piece: u32 = left >= 68 ? 64 : 60;
    store<u8>(target, <u8>(((piece - 1) << 2) | 2));
    store<u16>(target + 1, <u16>offset);
    target += 3;
    left -= piece;
  }
  if (left < 12 && offset < 2048) {
    store<u8>(target, <u8>(((offset >> 8) << 5) | ((left - 4) << 2) | 1));
    store<u8>(target + 1, <u8>offset);
    return target + 2;
  }
  store<u8>(target, <u8>(((left - 1) << 2) | 2));
  store<u16>(target + 1, <u16>offset);
  return target + 3;
}

// @ts-ignore: decorator
@inline function matchSize(candidate: usize, at: usize, end: usize): u32 {
  let size: u32 = 4;
  for (; at + size + 8 <= end; size += 8) {
    const difference = load<u64>(candidate + size) ^ load<u64>(at + size);
    if (difference != 0) return size + (<u32>ctz(difference) >> 3);
  }
  while (at + size < end && load<u8>(candidate + size) == load<u8>(at + size)) size++;
  return size;
}

function block(table: usize, start: usize, end: usize, to: usize): usize {
  const size = <u32>(end - start);
  let bits = tableBitsMin;
  while (bits < tableBitsMax && (<u32>1 << bits) < size) bits++;
  const shift = 32 - bits;
  const searchEnd: i32 = <i32>size - tail;
  if (searchEnd > 1) memory.fill(table, 0, <usize>2 << bits);
  let target = to;
  let literalStart: u32 = 0, misses: u32 = 32;
  for (let index: u32 = 1; <i32>index < searchEnd; ) {
    const word = load<u32>(start + index);
    const slot = table + ((<usize>((word * 0x1e35a7bd) >> shift)) << 1);
    const candidate = <u32>load<u16>(slot);
    store<u16>(slot, <u16>index);
    if (load<u32>(start + candidate) != word) {
      index += misses++ >> 5;
      continue;
    }
    const matched = matchSize(start + candidate, start + index, end);
    if (literalStart < index) target = literal(target, start + literalStart, index - literalStart);
    target = copy(target, index - candidate, matched);
    index += matched;
    literalStart = index;
    misses = 32;
  }
  return literalStart < size ? literal(target, start + literalStart, size - literalStart) : target;
}

/** @returns the size of what was written at `target` */
export function encode(table: usize, source: usize, size: u32, target: usize): u32 {
  let to = target;
  let length = size;
  for (; length >= 128; length >>= 7) store<u8>(to++, <u8>(length | 128));
  store<u8>(to++, <u8>length);
  for (let start: u32 = 0; start < size; start += blockSize)
    to = block(table, source + start, source + min(size, start + blockSize), to);
  return <u32>(to - target);
}

/**
 * @param source elements, that is, what follows the length in front of a block
 * @returns 1; 0 when the block is damaged, or does not give just as much as there is between target and targetEnd
 */
export function decode(source: usize, sourceEnd: usize, target: usize, targetEnd: usize): u32 {
  let from = source, to = target;
  while (from < sourceEnd) {
    const tag = <u32>load<u8>(from++);
    let size = (tag >> 2) + 1;
    if ((tag & 3) == 0) {
      if (size > 60) {
        const sizeBytes = size - 60;
        const unread = (4 - sizeBytes) << 3;
        const last = (load<u32>(from) << unread) >> unread;
        from += sizeBytes;
        // More would not fit in any case, and one more than the most is none.
        if (last >= 0xffffff) return 0;
        size = last + 1;
      }
      if (from > sourceEnd || <usize>size > sourceEnd - from || <usize>size > targetEnd - to) return 0;
      if (size <= 16) v128.store(to, v128.load(from));
      else memory.copy(to, from, size);
      from += size;
      to += size;
      continue;
    }
    let offset: u32;
    if ((tag & 3) == 1) {
      size = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) | <u32>load<u8>(from);
      from += 1;
    } else if ((tag & 3) == 2) {
      offset = <u32>load<u16>(from);
      from += 2;
    } else {
      offset = load<u32>(from);
      from += 4;
    }
    if (from > sourceEnd || offset == 0 || <usize>offset > to - target || <usize>size > targetEnd - to) return 0;
    const back = to - offset;
    // In steps that are no longer than the offset: what a copy reads may be what it wrote.
    if (offset >= 16) for (let done: u32 = 0; done < size; done += 16) v128.store(to + done, v128.load(back + done));
    else if (offset >= 8) for (let done: u32 = 0; done < size; done += 8) store<u64>(to + done, load<u64>(back + done));
    else for (let done: u32 = 0; done < size; done++) store<u8>(to + done, load<u8>(back + done));
    to += size;
  }
  return to == targetEnd ? 1 : 0;
}
