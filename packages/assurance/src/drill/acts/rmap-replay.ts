import { DrillSetupError } from "../../errors.ts";
import { actOf, count, duration } from "./act-parameters.ts";
import { RmapClient, randomNonce, refusedMessage } from "./rmap-client.ts";
import { repeat } from "./timeline.ts";

/** Ends a handshake as it should be, and sends its last message again and again, as who has listened would. */
export const rmapReplay = actOf({ times: count(5), every: duration("2s") }, async (pace, context) => {
  const { sourceAddress, random } = context.world;
  const address = sourceAddress(0);
  const client = await RmapClient.open(context);
  const [identity] = client.identities;
  if (identity === undefined) throw new DrillSetupError("Cannot replay: RMAP has no identity", "Make a key for one");
  const nonceServer = await client.begin(identity, randomNonce(random), address);
  const captured = await client.secondMessage(nonceServer);
  await client.finish(identity, captured, address);
  await repeat(pace, context, async () => {
    await client.post("/api/rmap-get-link", captured, { address, answers: refusedMessage });
  });
});
