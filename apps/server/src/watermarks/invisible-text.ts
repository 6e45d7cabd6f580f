import { sealedMethod } from "./sealed-method.ts";

export const invisibleText = sealedMethod({
  name: "invisible-text",
  description:
    "Hides the secret, encrypted, as text on every page that is not painted. " +
    "Survives qpdf, mutool, Ghostscript, wiped metadata and pages taken out one by one; lost when the file goes through " +
    "pdftocairo, is turned into pictures or typed again. Not for signed documents.",
  carriers: ["invisible-text"],
});
