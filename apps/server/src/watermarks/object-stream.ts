import { sealedMethod } from "./sealed-method.ts";

export const objectStream = sealedMethod({
  name: "object-stream",
  description:
    "Hides the secret, encrypted, in a data stream that the catalog and every page own (PieceInfo). " +
    "Survives qpdf, mutool, wiped metadata and pages taken out one by one; lost when the file is printed again " +
    "(Ghostscript, pdftocairo) or turned into pictures. Not for signed documents.",
  carriers: ["object-stream"],
});
