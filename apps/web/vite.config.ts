import { resolve } from "node:path";
import { defineConfig } from "vite";
import { compressAssets } from "./tools/compress-assets.ts";

const here = import.meta.dirname;

/** The placeholder that the serving app replaces with a fresh nonce on each response. */
const noncePlaceholder = "__CSP_NONCE__";

export default defineConfig({
  root: here,
  base: "/",
  html: { cspNonce: noncePlaceholder },
  resolve: { conditions: ["source", "module", "browser", "development|production"] },
  plugins: [compressAssets()],
  build: {
    outDir: resolve(here, "dist"),
    emptyOutDir: true,
    // Small images as data: URLs would need img-src data: in the policy.
    assetsInlineLimit: 0,
    target: "es2022",
    // The expression editor is the one big piece, and it comes only when somebody types.
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      // Mantine marks its files for servers that render React: a browser bundle has no use for these marks.
      onLog: (level, log, handle) => {
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") handle(level, log);
      },
      input: {
        engine: resolve(here, "engine.html"),
        alerts: resolve(here, "alerts.html"),
        dashboards: resolve(here, "dashboards.html"),
      },
    },
  },
});
