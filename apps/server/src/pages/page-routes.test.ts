import { readdirSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../testing/test-server.ts";

const names = readdirSync(fileURLToPath(new URL("../../pages/", import.meta.url)));
const namesOf = (ending: string): readonly string[] => names.filter((name) => extname(name) === ending);

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});

afterAll(() => server.stop());

test.each(namesOf(".html"))("%s is served, and holds nothing that the policy forbids", async (name) => {
  const answer = await server.send({ path: `/${name}` });
  expect([answer.status, answer.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
  expect(answer.headers["content-security-policy"]).toMatch(/^default-src 'self';/);
  expect(answer.text).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:|https?:/i);
});

test.each(namesOf(".html"))(
  "no form of %s can be sent before its script is there to keep it out of the address",
  async (name) => {
    const { text } = await server.send({ path: `/${name}` });
    for (const [button] of text.matchAll(/<button[^>]* type="submit"[^>]*>/g)) expect(button).toContain(" disabled");
    const buttonCount = text.match(/<button/g)?.length ?? 0;
    expect(text.match(/<button[^>]* type="(?:submit|button)"/g)?.length ?? 0).toBe(buttonCount);
  },
);

test.each(namesOf(".html"))("everything that %s asks for is there", async (name) => {
  const { text } = await server.send({ path: `/${name}` });
  const paths = [...text.matchAll(/(?:src|href)="(\/[^"?#]*)/g)].map(([, path = ""]) => path);
  expect(paths).toContain("/style.css");
  for (const path of new Set(paths)) expect([path, (await server.send({ path })).status]).toEqual([path, 200]);
});

test.each(namesOf(".js"))("%s makes no markup of texts, and asks for scripts that are there", async (name) => {
  const answer = await server.send({ path: `/${name}` });
  expect([answer.status, answer.headers["content-type"]]).toEqual([200, "text/javascript; charset=utf-8"]);
  expect(answer.text).not.toMatch(/\.(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\(|localStorage/);
  const paths = [...answer.text.matchAll(/ from "\.(\/[^"]+)"/g)].map(([, path = ""]) => path);
  for (const path of paths) expect([path, (await server.send({ path })).status]).toEqual([path, 200]);
});

test("what a browser has is not sent again", async () => {
  const { headers } = await server.send({ path: "/style.css" });
  const again = await server.send({ path: "/style.css", headers: { "if-none-match": String(headers["etag"]) } });
  expect([again.status, again.body.length]).toEqual([304, 0]);
});

test.each(["/tsconfig.json", "/.html", "/pages/index.html", "/index.htm"])("%s is no page", async (path) => {
  expect((await server.send({ path })).status).toBe(404);
});
