import { type Answer, type FormFile, type Sent, send, uploadForm } from "./http.ts";
import { pdf } from "./pdfs.ts";

export const password = "correct horse battery";

/** What a new version of a document is asked to be; all but the method have a default. */
export interface VersionRequest {
  readonly method: string;
  readonly secret?: string;
  readonly key?: string;
  readonly intended_for?: string;
  readonly position?: string;
}

export interface Version {
  readonly id: number;
  readonly documentid: number;
  readonly link: string;
  readonly intended_for: string;
  readonly method: string;
  readonly secret: string;
}

export interface DocumentInfo {
  readonly id: number;
  readonly name: string;
  readonly creation: string;
  readonly sha256: string;
  readonly size: number;
}

/** Of all users and addresses. */
let count = 0;
/** Differs at each call, in this process and others. */
export function uniqueLogin(label = "user"): string {
  count++;
  return `${label}-${process.pid}-${count}`;
}

/** A client address on loopback that no other user of this test has. */
export function nextAddress(): string {
  count++;
  return `127.77.${(count >> 8) & 255}.${count & 255}`;
}

/** A user of the platform with a token, at an address of their own. */
export class Account {
  readonly port: number;
  readonly login: string;
  readonly email: string;
  readonly from: string;
  readonly id: number;
  readonly token: string;

  private constructor(port: number, user: Pick<Account, "login" | "email" | "from" | "id" | "token">) {
    this.port = port;
    this.login = user.login;
    this.email = user.email;
    this.from = user.from;
    this.id = user.id;
    this.token = user.token;
  }

  static async create(
    port: number,
    { label = "user", from = nextAddress(), login = uniqueLogin(label) } = {},
  ): Promise<Account> {
    const email = `${uniqueLogin(label)}@example.org`;
    const created = await send(port, "/api/create-user", { method: "POST", json: { email, login, password }, from });
    if (created.status !== 201) throw new Error(`create-user answered ${created.status} ${created.text}`);
    const token = await logIn(port, email, from);
    return new Account(port, { login, email, from, id: Number(created.json["id"]), token });
  }

  /** A request with this user's token, from this user's address. */
  send(path: string, sent: Sent = {}): Promise<Answer> {
    return send(this.port, path, { token: this.token, from: this.from, ...sent });
  }

  post(path: string, json: unknown): Promise<Answer> {
    return this.send(path, { method: "POST", json });
  }

  tryUpload(file: FormFile): Promise<Answer> {
    return this.send("/api/upload-document", uploadForm(file));
  }

  async upload(bytes: Uint8Array = pdf(), name?: string): Promise<DocumentInfo> {
    const answer = await this.tryUpload({ bytes, ...(name === undefined ? {} : { name }) });
    return expected(answer, 201, "upload-document") as unknown as DocumentInfo;
  }

  async documents(): Promise<readonly DocumentInfo[]> {
    const answer = expected(await this.send("/api/list-documents"), 200, "list-documents");
    return answer["documents"] as readonly DocumentInfo[];
  }

  async versions(documentId: number): Promise<readonly Version[]> {
    const answer = expected(await this.send(`/api/list-versions/${documentId}`), 200, "list-versions");
    return answer["versions"] as readonly Version[];
  }

  tryCreateVersion(documentId: number, request: VersionRequest): Promise<Answer> {
    const defaults = { secret: "the-secret", key: "the-key", intended_for: "Reader" };
    return this.post(`/api/create-watermark/${documentId}`, { ...defaults, ...request });
  }

  async createVersion(documentId: number, request: VersionRequest): Promise<Version> {
    return expected(await this.tryCreateVersion(documentId, request), 201, "create-watermark") as unknown as Version;
  }

  readWatermark(documentId: number, method: string, key = "the-key"): Promise<Answer> {
    return this.post(`/api/read-watermark/${documentId}`, { method, key });
  }

  getDocument(documentId: number): Promise<Answer> {
    return this.send(`/api/get-document/${documentId}`);
  }
}

/** A token for the test password. */
export async function logIn(port: number, email: string, from?: string): Promise<string> {
  const answer = await tryLogIn(port, { email, password }, from);
  return String(expected(answer, 200, "login")["token"]);
}

export function tryLogIn(port: number, credentials: unknown, from?: string): Promise<Answer> {
  return send(port, "/api/login", { method: "POST", json: credentials, ...(from === undefined ? {} : { from }) });
}

/** The names of the methods that the platform lists. */
export async function methodNames(port: number): Promise<readonly string[]> {
  const { json } = await send(port, "/api/get-watermarking-methods");
  return (json["methods"] as readonly { name: string }[]).map(({ name }) => name);
}

function expected(answer: Answer, status: number, what: string): Readonly<Record<string, unknown>> {
  if (answer.status !== status) throw new Error(`${what} answered ${answer.status} ${answer.text}`);
  return answer.json;
}
