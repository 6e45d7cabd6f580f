import { scannedPdf } from "../payloads/harmless-files.ts";
import { Accounts } from "./accounts.ts";
import { actOf, count, duration } from "./act-parameters.ts";
import type { ActContext } from "./drill-act.ts";
import { type NewUser, PlatformClient } from "./platform-client.ts";

/** Just below what the platform takes. */
const fileMebibytes = 24;

/**
 * Somebody brings large files over a slow link, one after the other. A body goes out at once, in real time as in virtual
 * time: the slow link is in the distance from one upload to the next.
 */
export const slowUpload = actOf(
  { uploads: count(10), takes: duration("55s") },
  async ({ uploads, takes: takesMs }, context) => {
    const user = await new Accounts(context).of("uploader", 0);
    for (let index = 0; index < uploads; index++) {
      await uploadSlowly(context, user, { sourceIndex: 0, takesMs, index });
    }
  },
);

export interface SlowUpload {
  readonly sourceIndex: number;
  readonly takesMs: number;
  /** Counts the files of who uploads. */
  readonly index: number;
}

/** Logs in, uploads, and makes room again. */
export async function uploadSlowly(context: ActContext, user: NewUser, upload: SlowUpload): Promise<void> {
  const { clock, sourceAddress, signal } = context.world;
  const client = new PlatformClient(context, sourceAddress(upload.sourceIndex));
  await client.logIn(user);
  await clock.sleep(upload.takesMs, signal);
  const id = await client.upload(scannedPdf(fileMebibytes), `scan of archive box ${upload.index}.pdf`);
  await client.delete(id);
}
