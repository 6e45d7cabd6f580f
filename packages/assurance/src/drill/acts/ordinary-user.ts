import { plainPdf } from "../payloads/harmless-files.ts";
import { actOf, count, duration } from "./act-parameters.ts";
import type { ActContext } from "./drill-act.ts";
import { fileName, newUser, pick, recipient, staleLink } from "./people.ts";
import { PlatformClient } from "./platform-client.ts";
import { playTimeline, randomMoments } from "./timeline.ts";

/** People who find the platform, and use all of it once: each from an address of their own. */
export const ordinaryUser = actOf(
  { users: count(20), over: duration("10m") },
  async ({ users: userCount, over: overMs }, context) => {
    const { random } = context.world;
    // Everybody arrives in the first half, so that nobody has to hurry.
    const moments = randomMoments(userCount, overMs / 2, random).map((atMs, index) => ({
      atMs,
      play: () => useEverything(context, { name: `user${index}`, sourceIndex: index, durationMs: overMs / 2 }),
    }));
    await playTimeline(moments, context);
  },
);

export interface Visit {
  readonly name: string;
  readonly sourceIndex: number;
  readonly durationMs: number;
}

const uploadCount = 3;
const pauseCount = 15;

/**
 * Signs up, mistypes the password once, uploads three files, marks two of them, reads a mark back out of a copy,
 * downloads, follows two stale links, and deletes a file.
 */
export async function useEverything(context: ActContext, visit: Visit): Promise<void> {
  const { clock, random, sourceAddress, signal } = context.world;
  const user = newUser(context, visit.name);
  const client = new PlatformClient(context, sourceAddress(visit.sourceIndex));
  const pause = (): Promise<void> => clock.sleep((random() * 2 * visit.durationMs) / pauseCount, signal);
  await client.signUp(user);
  await pause();
  await client.mistypePassword(user);
  await pause();
  await client.logIn(user);
  const documents: number[] = [];
  for (let index = 0; index < uploadCount; index++) {
    await pause();
    documents.push(await client.upload(plainPdf(Math.floor(random() * 1e9)), fileName(random)));
  }
  await pause();
  await client.listDocuments();
  await markAndRead(context, client, documents, pause);
  await pause();
  await client.download(documents[2]!);
  for (let index = 0; index < 2; index++) {
    await pause();
    await client.followStaleLink(staleLink(random));
  }
  await pause();
  await client.delete(documents[2]!);
}

/** Two marks, and the first of them read out of the copy that has leaked. */
async function markAndRead(
  { world: { random } }: ActContext,
  client: PlatformClient,
  [one, other]: readonly number[],
  pause: () => Promise<void>,
): Promise<void> {
  const method = random() < firstMethodShare ? methods[0] : pick(methods, random);
  const key = "a key, nobody's business";
  const mark = { method, key, secret: `secret ${Math.floor(random() * 1e9)}`, intendedFor: recipient(random) };
  await pause();
  const link = await client.createWatermark(one!, mark);
  await pause();
  await client.createWatermark(other!, { ...mark, method: methods[0], intendedFor: recipient(random) });
  await client.listVersions(one!);
  await pause();
  const copy = await client.followLink(link);
  const leaked = await client.upload(copy, "leaked copy.pdf");
  await pause();
  await client.readWatermark(leaked, method, key);
}

/** In the order in which the pages offer them. */
const methods = ["toy-eof", "metadata-xmp", "object-stream", "invisible-text"] as const;
/** Most people take what is offered first; the others hide the secret, at a tenth of a second each. */
const firstMethodShare = 0.7;
