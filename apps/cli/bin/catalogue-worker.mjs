// A process that plays drills in virtual time for the one that started it.
import { importNewest } from "./run-tatou.mjs";

const { serveCatalogue } = await importNewest({
  bundled: "catalogue-worker.js",
  compiled: "drill/catalogue-worker.js",
});
serveCatalogue();
