import { invisibleText } from "./invisible-text.ts";
import { layered } from "./layered.ts";
import { metadataXmp } from "./metadata-xmp.ts";
import { objectStream } from "./object-stream.ts";
import { toyEof } from "./toy-eof.ts";
import type { WatermarkMethod } from "./watermark-method.ts";

const methods: readonly WatermarkMethod[] = [toyEof, metadataXmp, objectStream, invisibleText, layered];

/** Every method by its name, in the order they are shown. */
export const watermarkMethods: ReadonlyMap<string, WatermarkMethod> = new Map(
  methods.map((method) => [method.name, method]),
);
