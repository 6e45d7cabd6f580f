import {
  PdfOperationError,
  SecretNotFoundError,
  WatermarkDisagreementError,
  WatermarkKeyError,
} from "../watermarks/errors.ts";
import { watermarkMethods } from "../watermarks/registry.ts";
import type { WatermarkMethod } from "../watermarks/watermark-method.ts";
import { isMemoryFailure } from "./parser-memory.ts";
import { type PdfRefusal, refused } from "./pdf-verdict.ts";
import type { MarkOutcome, MarkRequest, ReadMarkOutcome, ReadMarkRequest } from "./pdf-work.ts";

export function methodOf(name: string): WatermarkMethod | null {
  return watermarkMethods.get(name) ?? null;
}

export async function markPdf(bytes: Buffer, method: WatermarkMethod, request: MarkRequest): Promise<MarkOutcome> {
  try {
    if (!(await method.isApplicable(bytes, request.position))) return { kind: "not_applicable" };
    return { kind: "marked", pdf: await method.add(bytes, request) };
  } catch (error) {
    return refused(refusalOf(error));
  }
}

export async function readMarkOf(
  bytes: Buffer,
  method: WatermarkMethod,
  { key }: ReadMarkRequest,
): Promise<ReadMarkOutcome> {
  try {
    return { kind: "read", secret: await method.read(bytes, key) };
  } catch (error) {
    if (error instanceof SecretNotFoundError) return { kind: "secret_not_found" };
    if (error instanceof WatermarkKeyError) return { kind: "invalid_key" };
    if (error instanceof WatermarkDisagreementError) return { kind: "disagreement" };
    return refused(refusalOf(error));
  }
}

/** A parser fails in many ways on a broken file, none of which is a defect of the platform. */
export function refusalOf(error: unknown): PdfRefusal {
  if (error instanceof PdfOperationError) return error.reason;
  return isMemoryFailure(error) ? "limits" : "parse_error";
}
