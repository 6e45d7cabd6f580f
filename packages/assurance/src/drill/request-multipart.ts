import { randomBytes } from "node:crypto";

/** One file as a form field, as browsers write it (RFC 7578); the file's name goes out as it is but for what ends it. */
export interface FormFile {
  readonly field: string;
  readonly fileName: string;
  readonly type: string;
  readonly content: Uint8Array;
}

export interface MultipartBody {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** The same text for one program: nothing that is uploaded can know it beforehand. */
const boundary = `tatou-drill-${randomBytes(12).toString("hex")}`;

export function multipartBody({ field, fileName, type, content }: FormFile): MultipartBody {
  const name = fileName.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\ncontent-type: ${type}\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}
