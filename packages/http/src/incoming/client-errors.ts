import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "@tatou/model";

/**
 * Address and headers of one request. Node's default of 16 KiB is too little for a long query sent by GET; with this
 * much, all connections together can hold 256 MiB.
 */
export const headerSizeMaxBytes = 256 * 1024;

/** A client that still sends is listened to for so long: to cut it at once could cut it off from our answer. */
const lingerMs = 1000;

/** Answers, in words, what is no request: nothing of it has come to a route. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket, clock: Clock): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, text } = wordsFor(error.code);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "content-type: text/plain; charset=utf-8",
    `content-length: ${Buffer.byteLength(text)}`,
    "x-content-type-options: nosniff",
    "connection: close",
  ];
  socket.on("error", () => socket.destroy());
  socket.end(`${head.join("\r\n")}\r\n\r\n${text}`);
  socket.resume();
  const cancel = clock.schedule(lingerMs, () => socket.destroy());
  socket.once("close", cancel);
}

function wordsFor(code: string | undefined): { readonly status: number; readonly text: string } {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return {
        status: 431,
        text: `The address and the headers of the request take more than ${headerSizeMaxBytes / 1024} KiB; send a long query by POST, as a form\n`,
      };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { status: 408, text: "The request did not arrive in time; send it again\n" };
    default:
      return {
        status: 400,
        text: "This is no HTTP request; is the client meant to speak HTTPS, or another protocol?\n",
      };
  }
}
