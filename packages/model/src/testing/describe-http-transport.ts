import { afterEach, describe, expect, test } from "vitest";
import {
  bodyText,
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
} from "../http-transport.ts";

/** A transport that reaches the programs it was opened with. */
export interface HttpTransportUnderTest {
  readonly transport: HttpTransport;
  /** Lets so much of the transport's time pass. */
  readonly pass: (durationMs: number) => Promise<void>;
  close?(): Promise<void> | void;
}

/**
 * What every HttpTransport promises. `open` is called for each test with programs by the name and port they are asked
 * under ("app:80"); the name `nobody:80` leads to 127.0.0.1:1, where nobody listens.
 */
export function describeHttpTransport(
  name: string,
  open: (programs: ReadonlyMap<string, HttpHandler>) => Promise<HttpTransportUnderTest> | HttpTransportUnderTest,
): void {
  describe(`${name} as an HttpTransport`, () => {
    const opened: HttpTransportUnderTest[] = [];
    const openWith: Open = async (programs) => {
      const subject = await open(new Map(Object.entries(programs)));
      opened.push(subject);
      return subject;
    };
    afterEach(async () => {
      for (const subject of opened.splice(0)) await subject.close?.();
    });

    testExchange(openWith);
    testRedirects(openWith);
    testFailures(openWith);
  });
}

type Open = (programs: Readonly<Record<string, HttpHandler>>) => Promise<HttpTransportUnderTest>;

const bytes = new TextEncoder();

function answer(text: string, { status = 200, headers = {} }: Partial<HttpResponse> = {}): HttpResponse {
  return { status, headers: { "content-type": "text/plain", ...headers }, body: bytes.encode(text) };
}

/** Answers with what it was asked, as JSON. */
const echo: HttpHandler = async (request, { remoteAddress }) => {
  const body =
    request.body === undefined
      ? ""
      : typeof request.body === "string"
        ? request.body
        : bodyText({ body: request.body });
  const url = new URL(request.url);
  return answer(
    JSON.stringify({
      method: request.method,
      path: url.pathname + url.search,
      headers: request.headers,
      body,
      remoteAddress,
    }),
  );
};

async function echoed(transport: HttpTransport, request: HttpRequest): Promise<Record<string, unknown>> {
  return JSON.parse(bodyText(await transport.send(request)));
}

function testExchange(open: Open): void {
  test("carries method, path, query, headers and body to the program", async () => {
    const { transport } = await open({ "app:80": echo });
    const request: HttpRequest = {
      method: "POST",
      url: "http://app:80/a/b?c=d%20e&c=f",
      headers: { "content-type": "text/x-test", "x-own": "1" },
      body: "grüezi",
    };
    expect(await echoed(transport, request)).toMatchObject({
      method: "POST",
      path: "/a/b?c=d%20e&c=f",
      headers: { "content-type": "text/x-test", "x-own": "1" },
      body: "grüezi",
    });
  });

  test("carries status, headers and every byte of the body back", async () => {
    const body = Uint8Array.from({ length: 256 }, (_, index) => index);
    const headers = { "x-own": "1", "set-cookie": "a=1\nb=2" };
    const { transport } = await open({ "app:80": async () => ({ status: 418, headers, body }) });
    const response = await transport.send({ method: "GET", url: "http://app/" });
    expect(response.status).toBe(418);
    expect(response.headers).toMatchObject(headers);
    expect([...response.body]).toEqual([...body]);
  });

  test("tells programs apart by name and by port", async () => {
    const { transport } = await open({
      "app:80": async () => answer("app"),
      "app:8080": async () => answer("app on another port"),
      "other:80": async () => answer("other"),
    });
    const texts = ["http://app/", "http://app:8080/", "http://other/"].map(async (url) =>
      bodyText(await transport.send({ method: "GET", url })),
    );
    expect(await Promise.all(texts)).toEqual(["app", "app on another port", "other"]);
  });

  test("speaks from 127.0.0.1 unless told otherwise", async () => {
    const { transport } = await open({ "app:80": echo });
    const plain = await echoed(transport, { method: "GET", url: "http://app/" });
    expect(plain["remoteAddress"]).toBe("127.0.0.1");
  });

  // Only Linux answers on all of 127.0.0.0/8 without further ado.
  test.runIf(process.platform === "linux")("speaks from the address it is told", async () => {
    const { transport } = await open({ "app:80": echo });
    const told = await echoed(transport, { method: "GET", url: "http://app/", localAddress: "127.0.0.9" });
    expect(told["remoteAddress"]).toBe("127.0.0.9");
  });
}

function testRedirects(open: Open): void {
  const redirectTo =
    (location: string, status: number): HttpHandler =>
    async () =>
      answer("", { status, headers: { location } });

  test.each([301, 302])("does not follow %i where the message would be lost", async (status) => {
    const { transport } = await open({ "app:80": redirectTo("http://other/", status), "other:80": echo });
    expect(await transport.send({ method: "POST", url: "http://app/", body: "text" })).toMatchObject({ status });
    expect(await echoed(transport, { method: "GET", url: "http://app/" })).toMatchObject({ method: "GET" });
  });

  test.each([
    { status: 303, method: "GET", body: "" },
    { status: 307, method: "POST", body: "text" },
    { status: 308, method: "POST", body: "text" },
  ])("follows $status with $method", async ({ status, method, body }) => {
    const { transport } = await open({ "app:80": redirectTo("http://other/there?x=1", status), "other:80": echo });
    const request: HttpRequest = { method: "POST", url: "http://app/", body: "text" };
    expect(await echoed(transport, request)).toMatchObject({ method, path: "/there?x=1", body });
  });

  test("stops after ten redirects", async () => {
    const { transport } = await open({ "app:80": redirectTo("/", 302) });
    await expect(transport.send({ method: "GET", url: "http://app/" })).rejects.toThrow(
      'Get "http://app/": stopped after 10 redirects',
    );
  });

  test("does not carry credentials to another origin", async () => {
    const { transport } = await open({ "app:80": redirectTo("http://other/", 302), "other:80": echo });
    const headers = { authorization: "Bearer secret", cookie: "session=secret", "x-own": "1" };
    const arrived = await echoed(transport, { method: "GET", url: "http://app/", headers });
    expect(arrived["headers"]).not.toHaveProperty("authorization");
    expect(arrived["headers"]).not.toHaveProperty("cookie");
    expect(arrived["headers"]).toHaveProperty("x-own");
  });
}

function testFailures(open: Open): void {
  const never: HttpHandler = () => new Promise(() => {});

  test("says that nobody listens, in Go's words", async () => {
    const { transport } = await open({});
    await expect(transport.send({ method: "GET", url: "http://nobody:80/metrics" })).rejects.toMatchObject({
      name: "HttpTransportError",
      code: "refused",
      message: 'Get "http://nobody:80/metrics": dial tcp 127.0.0.1:1: connect: connection refused',
    });
  });

  test("gives up after the timeout", async () => {
    const { transport, pass } = await open({ "app:80": never });
    const request: HttpRequest = { method: "POST", url: "http://app/", timeoutMs: 50 };
    const [sent] = await Promise.allSettled([transport.send(request), pass(100)]);
    expect(sent).toMatchObject({
      status: "rejected",
      reason: { code: "timeout", message: 'Post "http://app/": context deadline exceeded' },
    });
  });

  test("gives up when the signal is aborted, before or during the request", async () => {
    const { transport } = await open({ "app:80": never });
    const request: HttpRequest = { method: "GET", url: "http://app/" };
    const aborted = { code: "aborted", message: 'Get "http://app/": context canceled' };
    await expect(transport.send(request, AbortSignal.abort())).rejects.toMatchObject(aborted);
    const stop = new AbortController();
    const sent = transport.send(request, stop.signal);
    stop.abort();
    await expect(sent).rejects.toMatchObject(aborted);
  });

  test("refuses a body that is larger than allowed, and takes one that just fits", async () => {
    const { transport } = await open({ "app:80": async () => answer("x".repeat(1000)) });
    const request: HttpRequest = { method: "GET", url: "http://app/" };
    expect((await transport.send({ ...request, bodySizeMaxBytes: 1000 })).body).toHaveLength(1000);
    await expect(transport.send({ ...request, bodySizeMaxBytes: 999 })).rejects.toMatchObject({
      code: "body_too_large",
    });
  });
}
