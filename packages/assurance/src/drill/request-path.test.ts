import { expect, test } from "vitest";
import { headerProblem, pathProblem } from "./request-path.ts";

test.each([
  "/",
  "/api/login",
  "/api/get-document/..%2f..%2fetc%2fpasswd",
  "/api/get-version/..%252f..%255c",
  "/a%00b",
  "/api/delete-document?id=1%27%20OR%20%271%27=%271",
  "/a?next=http://evil/",
  "/a//b",
])("%s goes out as it is written", (path) => {
  expect(pathProblem(path)).toBeNull();
});

test.each([
  { path: "", problem: 'must begin with "/"' },
  { path: "evil", problem: 'must begin with "/"' },
  { path: "@evil/", problem: 'must begin with "/"' },
  { path: "http://evil/", problem: 'must begin with "/"' },
  { path: "//evil/", problem: "another host" },
  { path: "///evil/", problem: "another host" },
  { path: "/\\evil/", problem: "instead" },
  { path: "/\t/evil", problem: "instead" },
  { path: "/\r\nhost: evil", problem: "instead" },
  { path: "/a HTTP/1.1", problem: "instead" },
  { path: "/a/../b", problem: '"/b" instead' },
  { path: "/%2e%2E/b", problem: '"/b" instead' },
  { path: "/a#b", problem: '"/a" instead' },
  { path: "/ü", problem: "instead" },
])("$path is refused", ({ path, problem }) => {
  expect(pathProblem(path)).toContain(problem);
});

test.each([
  { name: "authorization", value: "Bearer a.b" },
  { name: "x-forwarded-for", value: "10.0.0.1, 10.0.0.2" },
  { name: "x-a", value: "" },
])("header $name: $value goes out", ({ name, value }) => {
  expect(headerProblem(name, value)).toBeNull();
});

test.each([
  { name: "x-a", value: "b\r\nhost: evil", problem: "visible ASCII" },
  { name: "x-a", value: "b\nc", problem: "visible ASCII" },
  { name: "x-a", value: "ü", problem: "visible ASCII" },
  { name: "x a", value: "b", problem: "its name" },
  { name: "X-A", value: "b", problem: "its name" },
  { name: "x\r\nhost", value: "b", problem: "its name" },
  { name: "transfer-encoding", value: "chunked", problem: "by itself" },
  { name: "content-length", value: "1", problem: "by itself" },
])("header $name: $value is refused", ({ name, value, problem }) => {
  expect(headerProblem(name, value)).toContain(problem);
});
