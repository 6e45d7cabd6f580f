import type { ServerContext } from "../server-context.ts";
import { Rmap } from "./rmap.ts";
import { registerRmapDocument } from "./rmap-document.ts";
import type { RmapService } from "./rmap-service.ts";

/**
 * Null when RMAP is not configured.
 * @throws {ServerSettingsError} it is, and cannot work
 */
export async function openRmap(context: Omit<ServerContext, "rmap">): Promise<RmapService | null> {
  const settings = context.settings.rmap;
  if (settings === null) return null;
  const protocol = await Rmap.open({
    settings,
    nowMs: () => context.clock.nowMs(),
    handshakes: context.limiters.rmapHandshakes,
  });
  context.metrics.usage.watchRmapSessions(() => protocol.pendingCount);
  for (const sentence of protocol.notices) context.log.notice(sentence);
  return { settings, protocol, documentId: await registerRmapDocument(context, settings.document) };
}
