import { DrillSetupError } from "../../errors.ts";
import { Accounts } from "./accounts.ts";
import { actOf, count, oneOf } from "./act-parameters.ts";
import { hourMs, planDay, type VisitKind, visitKinds } from "./day-plan.ts";
import type { ActContext } from "./drill-act.ts";
import { visitBriefly } from "./logins.ts";
import { useEverything } from "./ordinary-user.ts";
import { pick } from "./people.ts";
import { RmapClient } from "./rmap-client.ts";
import { fetchCopy } from "./rmap-handshake.ts";
import { seededRandom } from "./seeded-random.ts";
import { uploadSlowly } from "./slow-upload.ts";
import { playTimeline } from "./timeline.ts";

/**
 * The drill's addresses, from the first on. There are few enough for each to have a label of its own: at the hundred and
 * first that fails at something, the platform tells of a flood of addresses.
 */
const addressCounts = { members: 40, newcomers: 30, recipients: 5, uploaders: 4 };
const firstIndex = { shared: 0, members: 1, newcomers: 41, recipients: 71, uploaders: 76 };

const typoShare = 0.05;
const newcomerVisitMs = 1_200_000;
const slowUploadMs = 55_000;

/** A day of everything that people do. All that is at random comes from the seed, so that a day can be played again. */
export const mixedDay = actOf(
  { mostly: oneOf<VisitKind | "quiet">([...visitKinds, "quiet"], "logins"), hours: count(24), seed: count(1) },
  async ({ mostly, hours: hourCount, seed }, context) => {
    const random = seededRandom(seed);
    const visits = planDay({ mostly, hourCount, random });
    const play = await visitsOf({ ...context, world: { ...context.world, random } });
    const moments = visits.map(({ kind, atMs, index }) => ({ atMs, play: () => play[kind](index) }));
    // The day is over at midnight, not with its last visit.
    await playTimeline([...moments, { atMs: hourCount * hourMs, play: async () => undefined }], context);
  },
);

/** How the visits of each kind go; the number counts those of a kind. */
async function visitsOf(context: ActContext): Promise<Readonly<Record<VisitKind, (index: number) => Promise<void>>>> {
  const { random } = context.world;
  const accounts = new Accounts(context);
  const rmap = await RmapClient.open(context);
  if (rmap.identities.length === 0) throw new DrillSetupError("Cannot play a day: RMAP has no identity", "Make a key");
  const isMistyped = (): boolean => random() < typoShare;
  const anyMember = (): number => Math.floor(random() * addressCounts.members);
  return {
    newcomers: (index) =>
      useEverything(context, {
        name: `newcomer${index}`,
        sourceIndex: firstIndex.newcomers + (index % addressCounts.newcomers),
        durationMs: newcomerVisitMs,
      }),
    logins: async () => {
      const member = anyMember();
      const sourceIndex = firstIndex.members + member;
      const user = await accounts.of(`member${member}`, sourceIndex);
      await visitBriefly(context, user, { sourceIndex, isMistyped: isMistyped() });
    },
    "shared-address": async () => {
      const member = anyMember();
      const user = await accounts.of(`member${member}`, firstIndex.members + member);
      await visitBriefly(context, user, { sourceIndex: firstIndex.shared, isMistyped: isMistyped() });
    },
    handshakes: (index) =>
      fetchCopy(context, rmap, {
        identity: pick(rmap.identities, random),
        sourceIndex: firstIndex.recipients + (index % addressCounts.recipients),
      }),
    "large-uploads": async (index) => {
      const uploader = index % addressCounts.uploaders;
      const sourceIndex = firstIndex.uploaders + uploader;
      const user = await accounts.of(`uploader${uploader}`, sourceIndex);
      await uploadSlowly(context, user, { sourceIndex, takesMs: slowUploadMs, index });
    },
  };
}
