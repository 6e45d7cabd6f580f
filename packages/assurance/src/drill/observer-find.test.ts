import { HttpTransportError } from "@tatou/model";
import { expect, test } from "vitest";
import { DrillSetupError } from "../errors.ts";
import { findStack } from "./observer-find.ts";

const nobody = { send: () => Promise.reject(new HttpTransportError("refused", "connection refused")) };

test.each(["target", "prometheus", "alertmanager", "inbox"])(
  "an address that is none is told in words: %s",
  async (name) => {
    for (const text of ["nonsense", "localhost:9090", "ftp://host/"]) {
      const finding = findStack({ [name]: text }, nobody);
      await expect(finding).rejects.toThrow(`Cannot use ${JSON.stringify(text)} as --${name}: it is no address`);
      await expect(finding).rejects.toThrow(DrillSetupError);
    }
  },
);

test("addresses are taken as they are, without a slash at the end", async () => {
  const urls = await findStack({ target: "http://h:1/", prometheus: "https://h/prom//" }, nobody);
  expect(urls).toEqual({
    target: "http://h:1",
    prometheus: "https://h/prom",
    alertmanager: "http://localhost:9093",
    inbox: null,
  });
});
