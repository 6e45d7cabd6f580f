import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { pdfSamples } from "./testing/pdf-samples.ts";
import { requirePdfWorker } from "./testing/pdf-worker-ready.ts";
import { TestServer, uploadForm } from "./testing/test-server.ts";

test("a stop waits for the upload that is under way, and takes nothing new", async () => {
  requirePdfWorker();
  const server = await TestServer.start();
  const { token } = await server.newUser("late");
  const { headers, body } = uploadForm(pdfSamples.plain);
  const answered = new Promise<{ status: number; connection: string }>((resolve, reject) => {
    const upload = httpRequest(
      {
        ...{ host: "127.0.0.1", port: server.port, method: "POST", path: "/api/upload-document" },
        headers: { ...headers, authorization: `Bearer ${token}`, "content-length": body.length },
      },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, connection: String(response.headers.connection) });
      },
    );
    upload.on("error", reject);
    upload.write(body.subarray(0, 100), () => {
      setTimeout(() => {
        void server.stop();
        setTimeout(() => upload.end(body.subarray(100)), 200);
      }, 200);
    });
  });
  expect(await answered).toEqual({ status: 201, connection: "close" });
  await expect(server.send({ path: "/healthz" })).rejects.toThrow("ECONNREFUSED");
});

test("who never finishes is cut off", async () => {
  const server = await TestServer.start();
  const socket = connect(server.port, "127.0.0.1");
  socket.write("POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{");
  const ended = new Promise((resolve) => socket.once("close", () => resolve("ended")).on("error", () => undefined));
  await new Promise((resolve) => setTimeout(resolve, 200));
  await server.stop();
  expect(await ended).toBe("ended");
});
