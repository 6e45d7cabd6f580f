import { Accounts } from "./accounts.ts";
import { actOf, count, duration } from "./act-parameters.ts";
import type { ActContext } from "./drill-act.ts";
import { type NewUser, PlatformClient } from "./platform-client.ts";
import { playTimeline, randomMoments } from "./timeline.ts";

/** How long who has mistyped the password takes to see it. */
const secondTryMs = 4000;

/**
 * People log in and look at their documents; some mistype the password first. Each has an account, made at home before, and
 * they share the addresses evenly.
 */
export const logins = actOf(
  { users: count(50), addresses: count(50), logins: count(200), typos: count(5), over: duration("5m") },
  async (
    { users: userCount, addresses: addressCount, logins: loginCount, typos: typosPercent, over: overMs },
    context,
  ) => {
    const { random } = context.world;
    const accounts = new Accounts(context);
    const users: NewUser[] = [];
    for (let index = 0; index < userCount; index++) {
      users.push(await accounts.of(`member${index}`, addressCount + index));
    }
    const mistyped = someOf(loginCount, Math.round((loginCount * typosPercent) / 100), random);
    const moments = randomMoments(loginCount, overMs, random).map((atMs, index) => ({
      atMs,
      play: () =>
        visitBriefly(context, users[index % userCount]!, {
          sourceIndex: index % addressCount,
          isMistyped: mistyped.has(index),
        }),
    }));
    await playTimeline(moments, context);
  },
);

/** So many of the numbers below a limit. */
function someOf(numberCount: number, chosenCount: number, random: () => number): ReadonlySet<number> {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(chosenCount, numberCount)) chosen.add(Math.floor(random() * numberCount));
  return chosen;
}

export interface BriefVisit {
  readonly sourceIndex: number;
  readonly isMistyped: boolean;
}

/** Logs in, at the second try perhaps, and looks what is there. */
export async function visitBriefly(context: ActContext, user: NewUser, visit: BriefVisit): Promise<void> {
  const { clock, sourceAddress, signal } = context.world;
  const client = new PlatformClient(context, sourceAddress(visit.sourceIndex));
  if (visit.isMistyped) {
    await client.mistypePassword(user);
    await clock.sleep(secondTryMs, signal);
  }
  await client.logIn(user);
  await client.listDocuments();
}
