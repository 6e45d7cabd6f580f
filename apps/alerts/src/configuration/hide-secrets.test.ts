import { expect, test } from "vitest";
import { hideSecrets } from "./hide-secrets.ts";

test.each([
  { text: "smtp_auth_password: hunter2", shown: "smtp_auth_password: <secret>" },
  { text: "  - password: 'a: b' # c", shown: "  - password: <secret>" },
  { text: '"bot_token": x', shown: '"bot_token": <secret>' },
  { text: "smtp_auth_password_file: /etc/p", shown: "smtp_auth_password_file: /etc/p" },
  { text: "credentials: |\n  one\n\n  two\nroute: {}", shown: "credentials: <secret>\nroute: {}" },
  { text: "  secrets:\n  - a\n  - b\n  values: [x]", shown: "  secrets: <secret>\n  values: [x]" },
  { text: "basic_auth: { username: u, password: p }", shown: "basic_auth: { username: u, password: <secret>}" },
  { text: "- url: http://inbox:9094/", shown: "- url: http://inbox:9094/" },
  { text: "- url: https://h.example/hooks/t0ken?x=1", shown: "- url: https://h.example/<secret>" },
  { text: "slack_api_url: 'https://u:p@h/x'", shown: "slack_api_url: 'https://h/<secret>'" },
  { text: 'matchers: [severity = "critical"]', shown: 'matchers: [severity = "critical"]' },
])("$text", ({ text, shown }) => {
  expect(hideSecrets(text)).toBe(shown);
});
