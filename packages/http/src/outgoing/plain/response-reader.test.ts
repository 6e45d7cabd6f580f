import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BodyBuffers } from "./body-buffers.ts";
import { ResponseReader } from "./response-reader.ts";

interface Read {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly canKeepConnection: boolean;
}

/** Reads an answer that arrives in pieces; null when it is not complete at the end of the connection. */
function read(pieces: readonly Buffer[], method = "GET", bodySizeMaxBytes = 100_000): Read | null {
  const reader = new ResponseReader({ method, bodySizeMaxBytes, buffers: new BodyBuffers() });
  const isComplete = pieces.some((piece) => reader.take(piece)) || reader.end();
  if (!isComplete) return null;
  const { status, headers } = reader.head;
  const body = reader.takeBody()?.toString("latin1", 0, reader.bodySizeBytes) ?? "";
  return { status, headers: { ...headers }, body, canKeepConnection: reader.canKeepConnection };
}

const withLength = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Own:  a b \r\n\r\nhello";
const chunked =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: 1\r\n\r\n";

test.each<{ what: string; text: string; method?: string; expected: Partial<Read> }>([
  {
    what: "a body with a length",
    text: withLength,
    expected: {
      status: 200,
      headers: { "content-length": "5", "x-own": "a b" },
      body: "hello",
      canKeepConnection: true,
    },
  },
  { what: "chunks", text: chunked, expected: { body: "hello", canKeepConnection: true } },
  {
    what: "a body until the end of the connection",
    text: "HTTP/1.1 200 OK\r\n\r\nhello",
    expected: { body: "hello", canKeepConnection: false },
  },
  {
    what: "an answer without a body",
    text: "HTTP/1.1 204 No Content\r\n\r\n",
    expected: { status: 204, body: "", canKeepConnection: true },
  },
  {
    what: "an answer to HEAD, which has none either",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
    method: "HEAD",
    expected: { body: "", canKeepConnection: true },
  },
  {
    what: "an answer that was announced",
    text: `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${withLength}`,
    expected: { status: 200, body: "hello" },
  },
  {
    what: "a connection that will be closed",
    text: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    expected: { body: "", canKeepConnection: false },
  },
  {
    what: "an old server",
    text: "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    expected: { canKeepConnection: false },
  },
  {
    what: "an old server that keeps the connection",
    text: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n",
    expected: { canKeepConnection: true },
  },
  {
    what: "headers that come twice",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nVia: a\r\nVia: b\r\nSet-Cookie: c=1\r\nSet-Cookie: d=2\r\n\r\n",
    expected: { headers: { "content-length": "0", via: "a, b", "set-cookie": "c=1\nd=2" } },
  },
  {
    what: "the same length twice",
    text: "HTTP/1.1 200 \r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    expected: { body: "x" },
  },
])("reads $what", ({ text, method, expected }) => {
  expect(read([Buffer.from(text)], method)).toMatchObject(expected);
});

test.each([
  { what: "half a body", text: withLength.slice(0, -1) },
  { what: "half of the chunks", text: chunked.slice(0, -8) },
  { what: "half a head", text: withLength.slice(0, 30) },
])("does not take $what for an answer", ({ text }) => {
  expect(read([Buffer.from(text)])).toBeNull();
});

test.each([
  { what: "another protocol", text: "220 smtp.example ESMTP\r\n" },
  { what: "another version", text: "HTTP/2.0 200 OK\r\n\r\n" },
  { what: "no status", text: "HTTP/1.1 OK\r\n\r\n" },
  { what: "a header without a colon", text: "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n" },
  { what: "a header that goes on", text: "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n" },
  { what: "a blank before the colon", text: "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n" },
  { what: "two lengths", text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n" },
  { what: "a length that is none", text: "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n" },
  { what: "an unknown transfer encoding", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" },
  { what: "a chunk size that is none", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n" },
  { what: "a chunk that is too long", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n" },
  { what: "headers without end", text: `HTTP/1.1 200 OK\r\nA: ${"b".repeat(70_000)}` },
  {
    what: "a chunk line without end",
    text: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${"0".repeat(5000)}`,
  },
  {
    what: "trailers without end",
    text: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${`A: ${"b".repeat(1000)}\r\n`.repeat(20)}`,
  },
])("refuses $what", ({ text }) => {
  expect(() => read([Buffer.from(text)])).toThrow(expect.objectContaining({ code: "malformed_response" }));
});

test.each([
  { what: "a length", text: "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n" },
  { what: "chunks", text: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n${"x".repeat(64)}\r\n40\r\n` },
  { what: "bytes until the end", text: `HTTP/1.1 200 OK\r\n\r\n${"x".repeat(101)}` },
])("gives up a body that is too large, known by $what", ({ text }) => {
  expect(() => read([Buffer.from(text)], "GET", 100)).toThrow(expect.objectContaining({ code: "body_too_large" }));
});

test("reads the same however the answer is torn", () => {
  const body = fc.string({ unit: fc.constantFrom("a", "\n", "\r", "\0", "0"), maxLength: 3000 });
  const chunks = fc.array(
    body.filter((text) => text !== ""),
    { maxLength: 5 },
  );
  const answers = fc.oneof(
    body.map((text) => ({ text: `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`, body: text })),
    body.map((text) => ({ text: `HTTP/1.0 200 OK\r\n\r\n${text}`, body: text })),
    chunks.map((list) => ({
      text: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${list.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join("")}0\r\n\r\n`,
      body: list.join(""),
    })),
  );
  fc.assert(
    fc.property(answers, fc.array(fc.nat(3200), { maxLength: 6 }), ({ text, body: expected }, cuts) => {
      const places = [
        0,
        ...cuts.map((cut) => Math.min(cut, text.length)).sort((left, right) => left - right),
        text.length,
      ];
      const pieces = places.slice(1).map((end, index) => Buffer.from(text.slice(places[index], end), "latin1"));
      expect(read(pieces.filter((piece) => piece.length > 0))?.body).toBe(expected);
    }),
  );
});

test("what follows an answer makes the connection unfit", () => {
  expect(read([Buffer.from(`${withLength}HTTP/1.1 200 OK`)])).toMatchObject({
    body: "hello",
    canKeepConnection: false,
  });
});
