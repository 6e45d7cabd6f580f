import { Command } from "@commander-js/extra-typings";
import { type BackupProgress, type BackupResult, createBackup, readBackupPlaces } from "@tatou/server";
import { plural } from "../plural.ts";
import {
  type ArchiveWork,
  archiveExitCodes,
  contentText,
  damageText,
  exitCodeDamaged,
  runArchiveWork,
  sizeText,
} from "./server-archive.ts";

const helpText = `
Saves the database and every stored file, also while the server runs. The file is
compressed (.tar.gz), unless its name ends with .tar; - is standard output.
Variables name the places, as for the server: STORAGE_DIR, SQLITE_PATH,
SECRET_KEY_FILE, RMAP_KEYS_DIR.
Keys that lie in the storage folder are saved too: keep the file where you would
keep the keys, or leave them out with --without-keys.
${archiveExitCodes}`;

interface BackupFlags {
  readonly storageDir?: string | undefined;
  readonly keys: boolean;
  readonly force?: true | undefined;
  readonly json?: true | undefined;
}

/** `tatou server backup`: all data of a server in one file. */
export function serverBackupCommand() {
  return new Command("backup")
    .description("save all data of a server in one file, also while it runs")
    .argument("<file>", "where it goes; - is standard output")
    .option("--storage-dir <directory>", "holds documents and the database (default STORAGE_DIR, or ./storage)")
    .option("--without-keys", "leave out the signing key and the keys of RMAP")
    .option("--force", "replace the file when it exists")
    .option("--json", "print what was saved as JSON")
    .addHelpText("after", helpText)
    .action((file, { withoutKeys, ...options }, command) => {
      refuseMixedOutput(command, file, options.json === true);
      return runArchiveWork((work) => backUp(file, { ...options, keys: withoutKeys !== true }, work));
    });
}

interface FailingCommand {
  error(message: string): never;
}

function refuseMixedOutput(command: FailingCommand, file: string, asJson: boolean): void {
  if (file !== "-") return;
  if (asJson) command.error("error: standard output cannot take the backup and the JSON; name a file");
  if (process.stdout.isTTY) command.error("error: a terminal cannot show a backup; name a file");
}

async function backUp(file: string, flags: BackupFlags, { signal, nowMs, show }: ArchiveWork): Promise<number> {
  const isPiped = file === "-";
  const result = await createBackup({
    places: readBackupPlaces(process.env, flags.storageDir ?? null),
    target: isPiped
      ? { kind: "stream", stream: process.stdout }
      : { kind: "file", path: file, mayReplace: flags.force === true },
    withKeys: flags.keys,
    ...{ nowMs, signal },
    onProgress: (progress) => show(() => progressText(progress)),
  });
  if (flags.json === true) process.stdout.write(`${JSON.stringify({ file, ...result }, null, 2)}\n`);
  else (isPiped ? process.stderr : process.stdout).write(`${resultText(file, result)}\n`);
  return result.damaged.length > 0 ? exitCodeDamaged : 0;
}

function progressText({ phase, fileCountDone, fileCount, sizeBytesDone }: BackupProgress): string {
  const what = phase === "check" ? "compared" : "saved";
  return `${what} ${fileCountDone} of ${plural(fileCount, "file")}, ${sizeText(sizeBytesDone)}`;
}

function resultText(file: string, { counts, damaged, goneCount, keysLeftOut }: BackupResult): string {
  const target = file === "-" ? "The backup" : file;
  return [
    `${target} holds ${contentText(counts)}`,
    ...(goneCount > 0 ? [`left out ${plural(goneCount, "file")} that were deleted meanwhile`] : []),
    ...(counts.keys > 0
      ? [`It holds ${plural(counts.keys, "key file")}: whoever reads it can act as this server`]
      : []),
    ...keysLeftOut.map((path) => `not in it  ${path}`),
    ...(damaged.length > 0 ? [damageText(damaged)] : []),
  ].join("\n");
}
