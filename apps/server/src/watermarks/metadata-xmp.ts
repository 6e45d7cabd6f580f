import { sealedMethod } from "./sealed-method.ts";

export const metadataXmp = sealedMethod({
  name: "metadata-xmp",
  description:
    "Hides the secret, encrypted, in the document's metadata (XMP and document information). " +
    "Survives qpdf, mutool and everything that keeps metadata; lost when metadata is wiped, when pages are taken out with " +
    "qpdf, and when the file is printed again (Ghostscript, pdftocairo) or turned into pictures. Not for signed documents.",
  carriers: ["metadata-xmp"],
});
