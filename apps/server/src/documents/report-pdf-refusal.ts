import type { FastifyRequest } from "fastify";
import type { PdfRefusal } from "../pdf/pdf-verdict.ts";
import type { ServerContext } from "../server-context.ts";

/** Counts and reports an operation on a PDF that was refused: a failing parser is not the same as a forbidden content. */
export function reportPdfRefusal(request: FastifyRequest, reason: PdfRefusal, context: ServerContext): void {
  const { record } = request;
  switch (reason) {
    case "malicious":
      record.report("malicious_file_detected");
      break;
    case "parse_error":
      context.metrics.countPdfParserError(record.facts.clientIp);
      record.report("pdf_parser_error");
      break;
    case "limits":
      context.metrics.countPdfParserError(record.facts.clientIp);
      record.report("pdf_parser_limit");
      break;
    case "encrypted":
      break;
  }
}
