/** Faults of versions: their links, and what stays of them on disk. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Account, type Version } from "../account.ts";
import { type Fault, jsonOf, reply } from "../broken-platform.ts";
import { send } from "../http.ts";
import { filesBelow, type Target } from "../platform.ts";
import type { Finding, OriginalFault } from "./original-fault.ts";

export const linkFaults: readonly OriginalFault[] = [
  {
    name: "links that can be computed",
    finding: /follows from the names/,
    check: computeLinks,
    breakAgain: linksFromNames,
  },
  {
    name: "a second version for one recipient fails",
    finding: /the second version answered 503/,
    check: repeatVersion,
    breakAgain: oneVersionPerRecipient,
  },
  {
    name: "files of versions left after a deletion",
    finding: /left on disk: files/,
    check: lookForOrphans,
    breakAgain: () => keepVersionFiles,
  },
];

/** What the original made of a document and a recipient, and its near relatives. */
function guesses(documentName: string, { intended_for: recipient, id, documentid }: Version): readonly string[] {
  const stem = documentName.replace(/\.pdf$/, "");
  const texts = [
    ...[stem, documentName].flatMap((name) => [`${name}__${recipient}.pdf`, `${name}__${recipient}`]),
    String(id),
    `${documentid}:${recipient}`,
    recipient,
  ];
  return texts.flatMap((text) => ["sha1", "sha256", "md5"].map((hash) => createHash(hash).update(text).digest("hex")));
}

async function computeLinks(target: Target): Promise<Finding> {
  const owner = await Account.create(target.port);
  const document = await owner.upload(undefined, "plan.pdf");
  const links: string[] = [];
  for (const recipient of ["Reader", "Other reader"]) {
    const version = await owner.createVersion(document.id, { method: "toy-eof", intended_for: recipient });
    const bytes = Buffer.from(version.link, "base64url");
    const isGuessed = guesses(document.name, version).some(
      (guess) => guess === version.link || guess === bytes.toString("hex"),
    );
    if (isGuessed) return "the link follows from the names of document and recipient";
    if (!/^[A-Za-z0-9_-]{43}$/.test(version.link))
      return `the link ${version.link} is not 32 random bytes as base64url`;
    links.push(version.link);
    for (const guess of guesses(document.name, version)) {
      if ((await send(target.port, `/api/get-version/${guess}`)).status !== 404) return `the guess ${guess} is a link`;
    }
  }
  return new Set(links).size === links.length ? null : "two versions share a link";
}

async function repeatVersion(target: Target): Promise<Finding> {
  const owner = await Account.create(target.port);
  const { id } = await owner.upload();
  const first = await owner.createVersion(id, { method: "toy-eof", secret: "first" });
  const firstBytes = (await send(target.port, `/api/get-version/${first.link}`)).body;
  const second = await owner.tryCreateVersion(id, { method: "toy-eof", secret: "second" });
  if (second.status !== 201) return `the second version answered ${second.status} ${second.text}`;
  if (second.json["link"] === first.link) return "both versions have one link";
  const again = await send(target.port, `/api/get-version/${first.link}`);
  return again.body.equals(firstBytes) ? null : "the second version overwrote the first";
}

async function lookForOrphans(target: Target): Promise<Finding> {
  const owner = await Account.create(target.port);
  const before = filesBelow(target.storageFolder);
  const { id } = await owner.upload();
  const links: string[] = [];
  for (const secret of ["one", "two"]) {
    links.push((await owner.createVersion(id, { method: "toy-eof", secret })).link);
  }
  const deleted = await owner.send(`/api/delete-document/${id}`, { method: "DELETE" });
  if (deleted.status !== 200) return `delete answered ${deleted.status} ${deleted.text}`;
  for (const link of links) {
    const { status } = await send(target.port, `/api/get-version/${link}`);
    if (status !== 404) return `the link of a deleted document answered ${status}`;
  }
  const left = filesBelow(target.storageFolder).filter((name) => !before.includes(name));
  return left.length === 0 ? null : `left on disk: ${left.join(", ")}`;
}

/** SHA-1 of document name and recipient, as the original. */
function linksFromNames(): Fault {
  const trueLinks = new Map<string, string>();
  const names = new Map<string, string>();
  return async (request, { pass }) => {
    const link = /^\/api\/get-version\/(.+)$/.exec(request.path)?.[1];
    if (link !== undefined) return pass({ path: `/api/get-version/${trueLinks.get(link) ?? link}` });
    const answer = await pass();
    if (request.path === "/api/upload-document") names.set(String(answer.json["id"]), String(answer.json["name"]));
    if (!request.path.startsWith("/api/create-watermark") || answer.status !== 201) return answer;
    const name = names.get(String(answer.json["documentid"]));
    const computed = createHash("sha1")
      .update(`${name}__${String(jsonOf(request)["intended_for"])}.pdf`)
      .digest("hex");
    trueLinks.set(computed, String(answer.json["link"]));
    return reply(201, { ...answer.json, link: computed });
  };
}

/** The link is taken, says the database; the file was overwritten before it said so. */
function oneVersionPerRecipient(): Fault {
  const seen = new Set<string>();
  return async (request, { pass }) => {
    if (!request.path.startsWith("/api/create-watermark")) return pass();
    const version = `${request.path} ${String(jsonOf(request)["intended_for"])}`;
    if (seen.has(version)) return reply(503, { error: "database error during version insert: UNIQUE" });
    seen.add(version);
    return pass();
  };
}

/** The original's file beside the document, which its delete forgot. */
const keepVersionFiles: Fault = async (request, { platform, pass }) => {
  const answer = await pass();
  if (request.path.startsWith("/api/create-watermark") && answer.status === 201) {
    const folder = join(platform.storageFolder, "files/watermarks");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${String(answer.json["link"])}.pdf`), "%PDF-1.7 a marked copy");
  }
  return answer;
};
