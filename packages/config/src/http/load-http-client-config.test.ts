import { expect, test } from "vitest";
import { loadHttpClientConfig } from "./load-http-client-config.ts";
import { defaultHttpClient } from "./read-http-client.ts";

test("a file of credentials is read, an empty one says nothing, and a fault has its place", () => {
  const { credentials } = loadHttpClientConfig("basic_auth: { username: me, password: secret }\n", "http.yml");
  expect(JSON.stringify(credentials)).toContain('"me"');
  expect(loadHttpClientConfig("", "http.yml")).toEqual(defaultHttpClient);
  expect(() => loadHttpClientConfig("basic_auht: {}\n", "http.yml")).toThrow("basic_auht");
});
