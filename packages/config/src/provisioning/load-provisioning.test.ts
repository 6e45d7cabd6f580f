import { expect, test } from "vitest";
import { loadDashboardProvisioning, loadDatasourceProvisioning } from "./load-provisioning.ts";

test("reads data sources, with variables from the environment", () => {
  const text = [
    "apiVersion: 1",
    "prune: true",
    "deleteDatasources: [{ name: old }]",
    "datasources:",
    "  - name: Prometheus",
    "    type: prometheus",
    "    uid: prom",
    "    access: proxy",
    "    url: $URL",
    "    isDefault: ${DEFAULT}",
    "    unknownKey: fine",
    "    jsonData: { httpMethod: POST, timeInterval: 15s, n: 5, flag: true, quoted: '5', cost: $$5, list: [$URL] }",
    "    secureJsonData: { password: '${PASSWORD}' }",
    "  - { name: AM, type: alertmanager, access: direct, orgId: 2 }",
  ].join("\n");
  const environment = { URL: "http://engine:9090", DEFAULT: "true", PASSWORD: "a$b" };
  expect(loadDatasourceProvisioning(text, "d.yml", environment)).toMatchObject({
    prune: true,
    deleteDatasources: [{ name: "old", orgId: 1 }],
    datasources: [
      {
        position: { file: "d.yml", line: 5, column: 5 },
        name: "Prometheus",
        type: "prometheus",
        uid: "prom",
        orgId: 1,
        access: "proxy",
        url: "http://engine:9090",
        isDefault: true,
        editable: false,
        jsonData: {
          httpMethod: "POST",
          timeInterval: "15s",
          n: 5,
          flag: true,
          quoted: "5",
          cost: "$5",
          list: ["http://engine:9090"],
        },
        secureJsonData: { password: "a$b" },
      },
      { name: "AM", access: "direct", orgId: 2, isDefault: false },
    ],
  });
});

test("reads dashboard providers, with their defaults", () => {
  const text = "providers:\n  - name: p\n    options: { path: $DIR/x, foldersFromFilesStructure: yes }\n";
  expect(loadDashboardProvisioning(text, "p.yml", { DIR: "/d" }).providers).toEqual([
    {
      position: { file: "p.yml", line: 2, column: 5 },
      name: "p",
      orgId: 1,
      folder: "",
      folderUid: "",
      type: "file",
      disableDeletion: false,
      editable: false,
      allowUiUpdates: false,
      updateIntervalMs: 10_000,
      path: "/d/x",
      foldersFromFilesStructure: true,
    },
  ]);
});

test("keys without effect are warnings, each with its place", () => {
  const text = [
    "apiVersion: 1",
    "datasource: []",
    "datasources:",
    "  - name: Prometheus",
    "    type: prometheus",
    "    urll: http://engine:9090",
    "    jsonData: { anything: goes }",
    "deleteDatasources: [{ name: old, uid: old }]",
  ].join("\n");
  expect(loadDatasourceProvisioning(text, "d.yml").warnings).toEqual([
    {
      code: "config_ignored",
      position: { file: "d.yml", line: 2, column: 1 },
      message: "Ignored in d.yml: the key datasource, which has no effect here",
      hint: 'Did you mean "datasources"?',
    },
    {
      code: "config_ignored",
      position: { file: "d.yml", line: 6, column: 5 },
      message: "Ignored in datasources[0]: the key urll, which has no effect here",
      hint: 'Did you mean "url"?',
    },
    expect.objectContaining({ position: { file: "d.yml", line: 8, column: 34 } }),
  ]);
  const providers = "providers: [{ name: n, foldr: f, options: { path: p, folder: q, deep: 1 } }]\n";
  expect(loadDashboardProvisioning(providers, "p.yml").warnings.map(({ message }) => message)).toEqual([
    "Ignored in providers[0].options: the key deep, which has no effect here",
    "Ignored in providers[0]: the key foldr, which has no effect here",
  ]);
  const endless = `providers: []\n${Array.from({ length: 500 }, (_, index) => `k${index}: 1\n`).join("")}`;
  expect(loadDashboardProvisioning(endless, "p.yml").warnings).toHaveLength(100);
});

test.each([
  { text: "datasources: [{ type: t }]\n", fault: "found no name" },
  { text: "datasources: [{ name: n }]\n", fault: "found no type" },
  { text: "apiVersion: 2\n", fault: "expected a number from 1 to 1" },
  {
    text: "datasources: [{ name: n, type: t, isDefault: true }, { name: m, type: t, isDefault: true }]\n",
    fault: "Only one datasource per organization",
  },
])("refuses data sources: $text", ({ text, fault }) => {
  expect(() => loadDatasourceProvisioning(text, "d.yml")).toThrow(fault);
});

test.each([
  { text: "providers: [{ name: n }]\n", fault: "found no options.path" },
  { text: "providers: [{ name: n, type: db, options: { path: p } }]\n", fault: "expected one of file" },
  { text: "providers: [{ name: n, updateIntervalSeconds: -1, options: { path: p } }]\n", fault: "expected at least 0" },
])("refuses providers: $text", ({ text, fault }) => {
  expect(() => loadDashboardProvisioning(text, "p.yml")).toThrow(fault);
});
