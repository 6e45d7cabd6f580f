import { bodyText, type HttpRequest, type HttpResponse } from "@tatou/model";
import { DrillSetupError } from "../../errors.ts";
import { multipartBody } from "../request-multipart.ts";
import type { ActContext } from "./drill-act.ts";

export interface NewUser {
  readonly login: string;
  readonly email: string;
  readonly password: string;
}

export interface WatermarkRequest {
  readonly method: string;
  readonly intendedFor: string;
  readonly secret: string;
  readonly key: string;
}

/** As long as the platform gives a body. */
const uploadTimeoutMs = 60_000;

/** Statuses, of which an honest client meets no other. */
type Expected = readonly number[];

/**
 * An honest user of the platform at one address. A day of honest users proves something only when the platform serves
 * them, so every answer but the ordinary one ends the drill.
 */
export class PlatformClient {
  readonly #context: ActContext;
  readonly #address: string;
  #token: string | null = null;

  constructor(context: ActContext, address: string) {
    this.#context = context;
    this.#address = address;
  }

  async signUp({ login, email, password }: NewUser): Promise<void> {
    await this.#postJson("/api/create-user", { login, email, password }, [201]);
  }

  /** Keeps the token for what follows. */
  async logIn({ email, password }: NewUser): Promise<void> {
    const { token } = await this.#postJson("/api/login", { email, password }, [200]);
    this.#token = String(token);
  }

  /** One key beside the right one. */
  async mistypePassword({ email, password }: NewUser): Promise<void> {
    await this.#postJson("/api/login", { email, password: `${password.slice(0, -1)}#` }, [401]);
  }

  /** @returns the document's id */
  async upload(file: Uint8Array, name: string): Promise<number> {
    const form = multipartBody({ field: "file", fileName: name, type: "application/pdf", content: file });
    const headers = { "content-type": form.contentType };
    const request = { method: "POST", url: "/api/upload-document", headers, body: form.body } as const;
    const answer = await this.#send({ ...request, timeoutMs: uploadTimeoutMs }, [201]);
    return Number(fieldsOf(answer)["id"]);
  }

  async listDocuments(): Promise<void> {
    await this.#send({ method: "GET", url: "/api/list-documents" }, [200]);
  }

  async listVersions(documentId: number): Promise<void> {
    await this.#send({ method: "GET", url: `/api/list-versions/${documentId}` }, [200]);
  }

  /** @returns the version's link */
  async createWatermark(documentId: number, { method, intendedFor, secret, key }: WatermarkRequest): Promise<string> {
    const body = { method, intended_for: intendedFor, secret, key };
    const { link } = await this.#postJson(`/api/create-watermark/${documentId}`, body, [201]);
    return String(link);
  }

  /** @returns the secret */
  async readWatermark(documentId: number, method: string, key: string): Promise<string> {
    const { secret } = await this.#postJson(`/api/read-watermark/${documentId}`, { method, key }, [201]);
    return String(secret);
  }

  async download(documentId: number): Promise<Uint8Array> {
    return (await this.#send({ method: "GET", url: `/api/get-document/${documentId}` }, [200])).body;
  }

  async followLink(link: string): Promise<Uint8Array> {
    return (await this.#send({ method: "GET", url: `/api/get-version/${link}` }, [200])).body;
  }

  /** A link from an old mail. */
  async followStaleLink(link: string): Promise<void> {
    await this.#send({ method: "GET", url: `/api/get-version/${link}` }, [404]);
  }

  async delete(documentId: number): Promise<void> {
    await this.#send({ method: "DELETE", url: `/api/delete-document/${documentId}` }, [200]);
  }

  async #postJson(
    url: string,
    body: Readonly<Record<string, unknown>>,
    expected: Expected,
  ): Promise<Readonly<Record<string, unknown>>> {
    const headers = { "content-type": "application/json" };
    return fieldsOf(await this.#send({ method: "POST", url, headers, body: JSON.stringify(body) }, expected));
  }

  async #send(request: HttpRequest, expected: Expected): Promise<HttpResponse> {
    const { world, send } = this.#context;
    const authorization: Record<string, string> =
      this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
    const answer = await send(
      {
        ...request,
        url: `${world.targetUrl}${request.url}`,
        headers: { ...request.headers, ...authorization },
        localAddress: this.#address,
      },
      { answers: expected },
    );
    world.signal.throwIfAborted();
    if (answer !== null && expected.includes(answer.status)) return answer;
    throw unexpectedAnswer(`${request.method} ${request.url}`, answer, expected);
  }
}

/** What the platform answered where a drill needed another answer to go on. */
export function unexpectedAnswer(asked: string, answer: HttpResponse | null, expected: Expected): DrillSetupError {
  const found = answer === null ? "not at all" : `${answer.status} ${bodyText(answer).slice(0, 200)}`;
  return new DrillSetupError(
    `Cannot go on with the drill: ${asked} was answered ${found}, expected ${expected.join(" or ")}`,
    "Try the same request by hand: the platform has to work before its alarms can be drilled",
  );
}

/** The fields of a JSON answer; none when it is something else. */
export function fieldsOf(answer: HttpResponse): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bodyText(answer));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
