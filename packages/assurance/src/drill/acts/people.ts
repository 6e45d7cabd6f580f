import type { ActContext } from "./drill-act.ts";
import type { NewUser } from "./platform-client.ts";

/** What people call their files. */
const fileNames = [
  "O'Brien -- v2.pdf",
  "Q3 report (final).pdf",
  "R&D -- draft; update 2.pdf",
  "select committee minutes.pdf",
  "Étude préliminaire.pdf",
  "invoice #4711.pdf",
  'Contract "Meyer & Sons".pdf',
  "drop-off table, 2 or 3 = few.pdf",
  "slides.v1.0.pdf",
  "50% discount -- offer.pdf",
];

/** What people call each other. */
const recipients = ["Anna O'Brien", "board@example.com", "Union & Select Ltd.", "Müller, Jürgen", "Group_03"];

/** An account of this run. */
export function newUser({ world }: ActContext, name: string): NewUser {
  const login = `${name}-${world.runId}`;
  return { login, email: `${login}@tatou.invalid`, password: `right password of ${login}` };
}

export function pick<T>(choices: readonly T[], random: () => number): T {
  return choices[Math.floor(random() * choices.length)]!;
}

export function fileName(random: () => number): string {
  return pick(fileNames, random);
}

export function recipient(random: () => number): string {
  return pick(recipients, random);
}

/** A link as the platform makes them, and has made no such: 32 bytes in base64url. */
export function staleLink(random: () => number): string {
  return Buffer.from(Array.from({ length: 32 }, () => Math.floor(random() * 256))).toString("base64url");
}
