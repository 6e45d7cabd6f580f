import { actOf, count, duration } from "./act-parameters.ts";
import { RmapClient, randomNonce, refusedMessage } from "./rmap-client.ts";
import { repeat } from "./timeline.ts";

/** Begins handshakes under names that nobody registered. */
export const rmapUnknownIdentity = actOf({ times: count(5), every: duration("2s") }, async (pace, context) => {
  const { sourceAddress, random, runId } = context.world;
  const address = sourceAddress(0);
  const client = await RmapClient.open(context);
  await repeat(pace, context, async (index) => {
    const payload = await client.firstMessage(`Stranger_${runId}_${index}`, randomNonce(random));
    await client.post("/api/rmap-initiate", payload, { address, answers: refusedMessage });
  });
});
