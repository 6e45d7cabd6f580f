import { sealedMethod } from "./sealed-method.ts";

/** Three places at once. Each token is the one that the method of its place alone would make, and opens by it, too. */
export const layered = sealedMethod({
  name: "layered",
  description:
    "Hides the secret, encrypted, in three places: object-stream, invisible-text and metadata-xmp. " +
    "It is read as long as one of them is left; when they differ, that is reported. " +
    "Survives what any of them survives (qpdf, mutool, Ghostscript, wiped metadata, pages taken out); lost when the file " +
    "goes through pdftocairo, is turned into pictures or typed again. Not for signed documents.",
  carriers: ["object-stream", "invisible-text", "metadata-xmp"],
});
