import { expect, test } from "vitest";
import { redactConfig } from "./redact-config.ts";

test.each([
  { text: "a: 1 # note\nb: x\n", shown: "a: 1 # note\nb: x\n" },
  {
    text: "basic_auth:\n  username: u\n  password: hunter2\n",
    shown: "basic_auth:\n  username: u\n  password: <secret>\n",
  },
  { text: "password: |\n  many\n  lines\nb: 1\n", shown: "password: <secret>\nb: 1\n" },
  { text: 'password: ""\npassword_file: /run/p\n', shown: 'password: ""\npassword_file: /run/p\n' },
  { text: "x: &a hunter2\npassword: *a\n", shown: "x: &a <secret>\npassword: *a\n" },
  { text: "url: http://user:hunter2@host/p\n", shown: "url: http://user:xxxxx@host/p\n" },
  { text: "slack_configs:\n  - api_url: http://s\n", shown: "slack_configs:\n  - api_url: <secret>\n" },
  {
    text: "pagerduty_configs:\n  - routing_key: s\n    url: http://p\n",
    shown: "pagerduty_configs:\n  - routing_key: <secret>\n    url: http://p\n",
  },
  {
    text: "http_headers:\n  X:\n    secrets: [s, t]\n    values: [v]\n",
    shown: "http_headers:\n  X:\n    secrets: [ <secret>, <secret> ]\n    values: [ v ]\n",
  },
  { text: "consul_sd_configs:\n  - token: s\n", shown: "consul_sd_configs:\n  - token: <secret>\n" },
  { text: "token_url: http://t\n", shown: "token_url: http://t\n" },
  { text: "a: [\n", shown: "# The file cannot be read and is not shown.\n" },
])("shows $text without its secrets", ({ text, shown }) => {
  expect(redactConfig(text)).toBe(shown);
});
