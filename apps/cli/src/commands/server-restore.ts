import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { Command } from "@commander-js/extra-typings";
import {
  checkBackup,
  RestoreError,
  type RestoreProgress,
  type RestoreResult,
  readBackupPlaces,
  restoreBackup,
} from "@tatou/server";
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
Unpacks into a folder beside the storage, compares every file with its hash and its
row, and only then takes the place of the storage. The server must not run.
Run it as the user that the server runs as.
${archiveExitCodes}`;

interface RestoreFlags {
  readonly storageDir?: string | undefined;
  readonly force?: true | undefined;
  readonly check?: true | undefined;
  readonly json?: true | undefined;
}

/** `tatou server restore`: a storage from a backup. */
export function serverRestoreCommand() {
  return new Command("restore")
    .description("make a storage from what `tatou server backup` saved")
    .argument("<file>", "the backup; - is standard input")
    .option("--storage-dir <directory>", "where the data goes (default STORAGE_DIR, or ./storage)")
    .option("--force", "replace a storage; it is kept as <directory>.before-restore-<time>")
    .option("--check", "compare the backup with what it says of itself, and change nothing")
    .option("--json", "print what was restored as JSON")
    .addHelpText("after", helpText)
    .action((file, options) => runArchiveWork((work) => restore(file, options, work)));
}

async function restore(file: string, flags: RestoreFlags, { signal, nowMs, show }: ArchiveWork): Promise<number> {
  const onProgress = (progress: RestoreProgress): void => show(() => progressText(progress));
  const source = await openSource(file);
  const { backup, keptAside } =
    flags.check === true
      ? { backup: await checkBackup({ source, signal, onProgress }), keptAside: null }
      : await restoreBackup({
          places: readBackupPlaces(process.env, flags.storageDir ?? null),
          mayReplace: flags.force === true,
          ...{ source, signal, nowMs, onProgress },
        });
  if (flags.json === true) process.stdout.write(`${JSON.stringify({ file, ...backup, keptAside }, null, 2)}\n`);
  else process.stdout.write(`${resultText({ backup, keptAside }, flags.check === true)}\n`);
  return backup.damaged.length > 0 ? exitCodeDamaged : 0;
}

/** Asked for here, where the system still says why it refuses. */
async function openSource(file: string): Promise<Readable> {
  if (file === "-") return process.stdin;
  if ((await stat(file)).isFile()) return createReadStream(file, { highWaterMark: 256 * 1_024 });
  throw new RestoreError({
    found: `${JSON.stringify(file)} is a folder or device, expected a file`,
    hint: "Name a backup, or - for standard input",
  });
}

function progressText({ fileCountDone, fileCount, sizeBytesDone, sizeBytes }: RestoreProgress): string {
  return `compared ${fileCountDone} of ${plural(fileCount, "file")}, ${sizeText(sizeBytesDone)} of ${sizeText(sizeBytes)}`;
}

function resultText({ backup, keptAside }: RestoreResult, isCheck: boolean): string {
  const { counts, damaged, madeAt, programVersion } = backup;
  const state = isCheck ? "The backup is sound" : "Restored";
  return [
    `${state}: ${contentText(counts)}, saved ${madeAt} by version ${programVersion}`,
    counts.keys > 0 ? `It holds ${plural(counts.keys, "key file")}` : noKeysText,
    ...(keptAside === null ? [] : [`kept  ${keptAside}`]),
    ...(damaged.length > 0 ? [damageText(damaged)] : []),
  ].join("\n");
}

const noKeysText = "It holds no keys: without SECRET_KEY users log in anew, and RMAP needs its folder of keys";
