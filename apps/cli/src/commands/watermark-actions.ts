import { createHash, randomBytes } from "node:crypto";
import { link, rename, rm, stat, writeFile } from "node:fs/promises";
import { createSystemClock } from "@tatou/http";
import { type MarkRequest, PdfWorkshop, type ReadMarkRequest, watermarkMethods } from "@tatou/server";
import { colors } from "../colors.ts";
import { systemReason } from "../system-error.ts";
import { refusedError, WatermarkCommandError } from "./watermark-errors.ts";

const textWidthMax = 80;

/** Prints every method with what it says about itself. */
export function listMethods(asJson: boolean): void {
  const methods = [...watermarkMethods.values()].map(({ name, description }) => ({ name, description }));
  if (asJson) printJson({ methods, count: methods.length });
  else for (const { name, description } of methods) print(`${colors.bold(name)}\n${wrapped(description, "  ")}\n\n`);
}

/** Prints the tree of a file. */
export async function exploreFile(file: string): Promise<void> {
  const outcome = await inWorkshop(file, (workshop) => workshop.explore(file));
  if (outcome.kind === "refused") throw refusedError("explore", file, outcome.reason);
  printJson(outcome.tree);
}

export interface EmbedTask {
  readonly file: string;
  /** A path, or null for standard output. */
  readonly output: string | null;
  readonly mayReplace: boolean;
  readonly asJson: boolean;
  readonly request: MarkRequest;
}

/** Marks a copy of a file. */
export async function embedMark({ file, output, mayReplace, asJson, request }: EmbedTask): Promise<void> {
  const outcome = await inWorkshop(file, (workshop) => workshop.mark(file, request));
  switch (outcome.kind) {
    case "refused":
      throw refusedError("mark", file, outcome.reason);
    case "not_applicable":
      throw new WatermarkCommandError("other", {
        message: `Cannot mark ${JSON.stringify(file)}: ${request.method} does not fit this document`,
        hint: "Choose another --method; `./tatou watermark methods` tells what each needs",
      });
    case "marked":
      if (output === null) return print(outcome.pdf);
      await writeOutput(output, outcome.pdf, mayReplace);
      reportMarked({ output, asJson, method: request.method, pdf: outcome.pdf });
  }
}

export interface ExtractTask {
  readonly file: string;
  readonly asJson: boolean;
  readonly request: ReadMarkRequest;
}

/** Prints the secret in a marked file. */
export async function extractMark({ file, asJson, request }: ExtractTask): Promise<void> {
  const outcome = await inWorkshop(file, (workshop) => workshop.readMark(file, request));
  const what = `Cannot read a secret from ${JSON.stringify(file)}`;
  switch (outcome.kind) {
    case "read":
      if (asJson) printJson({ secret: outcome.secret, method: request.method });
      else print(`${process.stdout.isTTY ? printable(outcome.secret) : outcome.secret}\n`);
      return;
    case "refused":
      throw refusedError("read a secret from", file, outcome.reason);
    case "secret_not_found":
      throw new WatermarkCommandError("notFound", {
        message: `${what}: found no mark of ${request.method}`,
        hint: "Try the other methods; a copy that was converted may have lost its mark",
      });
    case "invalid_key":
      throw new WatermarkCommandError("wrongKey", {
        message: `${what}: the mark of ${request.method} does not open with this key`,
        hint: "Use the key that the copy was marked with",
      });
    case "disagreement":
      throw new WatermarkCommandError("other", {
        message: `${what}: its marks say different things, expected one secret`,
        hint: "Read each layer with its own --method; the copy was marked more than once",
      });
  }
}

/** In a thread with limits, as in the platform: whoever leaked a file may also have prepared it. */
async function inWorkshop<T>(file: string, work: (workshop: PdfWorkshop) => Promise<T>): Promise<T> {
  // Asked for here, where the system still says why it refuses.
  const isFile = (await stat(file)).isFile();
  if (!isFile) {
    throw new WatermarkCommandError("other", {
      message: `Cannot read ${JSON.stringify(file)}: found a directory or device, expected a file`,
      hint: "Name a PDF file",
    });
  }
  const workshop = new PdfWorkshop(createSystemClock());
  try {
    return await work(workshop);
  } finally {
    await workshop.close();
  }
}

/** The whole file or nothing: it is written under another name first. */
async function writeOutput(path: string, bytes: Uint8Array, mayReplace: boolean): Promise<void> {
  const unfinished = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(unfinished, bytes, { flag: "wx" });
    if (mayReplace) await rename(unfinished, path);
    else await link(unfinished, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "EEXIST" ? "found a file there already" : systemReason(error as NodeJS.ErrnoException);
    const hint = code === "EEXIST" ? "Choose another --output, or replace it with --force" : "Choose another --output";
    throw new WatermarkCommandError("other", { message: `Cannot write ${JSON.stringify(path)}: ${reason}`, hint });
  } finally {
    await rm(unfinished, { force: true });
  }
}

interface MarkedFile {
  readonly output: string;
  readonly asJson: boolean;
  readonly method: string;
  readonly pdf: Uint8Array;
}

function reportMarked({ output, asJson, method, pdf }: MarkedFile): void {
  const sha256 = createHash("sha256").update(pdf).digest("hex");
  if (asJson) printJson({ output, method, sizeBytes: pdf.length, sha256 });
  else print(`${output} carries a mark of ${method}, ${pdf.length} bytes\n`);
}

function printJson(value: unknown): void {
  print(`${JSON.stringify(value, null, 2)}\n`);
}

function print(output: string | Uint8Array): void {
  process.stdout.write(output);
}

/** A secret may hold what moves a terminal's cursor. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

function wrapped(text: string, indent: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && indent.length + line.length + 1 + word.length > textWidthMax) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.map((line) => indent + line).join("\n");
}
