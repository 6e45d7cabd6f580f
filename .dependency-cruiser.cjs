// The layers of ARCHITECTURE.md as rules: imports point downwards, packages of one layer do not import each other.
const layers = [
  ["model", "kernels"],
  ["exposition", "promql", "tsdb", "templates", "config", "http", "event-log", "sql"],
  ["scrape", "rules", "alerting", "remote", "dashboard-model", "api"],
  ["assurance"],
];
const apps = ["server", "engine", "alerts", "dashboards"];
const packagePath = (names) => `^packages/(${names.join("|")})/`;

const layerRules = layers.flatMap((names, index) => [
  {
    name: `layer-${index}-not-upwards`,
    comment: "A package imports lower layers only.",
    severity: "error",
    from: { path: packagePath(names) },
    to: { path: [...layers.slice(index + 1).map(packagePath), "^apps/"] },
  },
  ...names.map((name) => ({
    name: `layer-${index}-${name}-not-sideways`,
    comment: "Packages of one layer meet through an interface in packages/model.",
    severity: "error",
    from: { path: `^packages/${name}/`, pathNot: "\\.test\\.ts$" },
    to: { path: packagePath(names), pathNot: `^packages/${name}/` },
  })),
]);

const appRules = apps.map((name) => ({
  name: `app-${name}-alone`,
  comment: "Programs talk to each other over HTTP only; the cli alone imports several.",
  severity: "error",
  from: { path: `^apps/${name}/`, pathNot: "\\.test\\.tsx?$" },
  to: { path: "^apps/", pathNot: `^apps/${name}/` },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    ...appRules,
    {
      name: "server-is-an-ordinary-service",
      comment: "The platform is what gets monitored: of ours it imports the vocabulary and the SQL handle only.",
      severity: "error",
      from: { path: "^apps/server/" },
      to: { path: "^packages/", pathNot: "^packages/(model|sql)/" },
    },
    {
      name: "pure-packages-without-node",
      comment: "Time, randomness and I/O are arguments, so that the engine also runs in a page and in a test.",
      severity: "error",
      from: {
        path: packagePath([
          "model",
          "kernels",
          "exposition",
          "promql",
          "templates",
          "config",
          "rules",
          "dashboard-model",
          "api",
        ]),
        // The build of the kernels is a tool: nothing of it is in the product.
        pathNot: "(\\.test\\.ts$|\\.bench\\.ts$|/testing/|/assembly/)",
      },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "doors-only",
      comment: "Other packages are entered by their index.",
      severity: "error",
      from: { path: "^(packages|apps)/([^/]+)/" },
      to: {
        path: "^packages/[^/]+/src/",
        pathNot: ["^$1/$2/", "^packages/[^/]+/src/index\\.ts$", "^packages/[^/]+/src/testing/index\\.ts$"],
      },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-development-packages-in-the-product",
      severity: "error",
      from: { path: "^(packages|apps)/[^/]+/src", pathNot: "(\\.test\\.tsx?$|\\.bench\\.ts$|/testing/)" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm", "type-only"] },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|build-types|testdata|node_modules)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "default"],
      extensions: [".ts", ".tsx", ".js", ".mjs"],
    },
  },
};
