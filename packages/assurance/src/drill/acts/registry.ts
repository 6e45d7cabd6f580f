import type { DrillAct } from "./drill-act.ts";
import { logins } from "./logins.ts";
import { mixedDay } from "./mixed-day.ts";
import { ordinaryUser } from "./ordinary-user.ts";
import { rmapGarbage } from "./rmap-garbage.ts";
import { rmapHandshake } from "./rmap-handshake.ts";
import { rmapReplay } from "./rmap-replay.ts";
import { rmapUnknownIdentity } from "./rmap-unknown-identity.ts";
import { slowUpload } from "./slow-upload.ts";

/** The acts by the names that drill files use. */
export const drillActs: ReadonlyMap<string, DrillAct> = new Map([
  ["logins", logins],
  ["mixed-day", mixedDay],
  ["ordinary-user", ordinaryUser],
  ["rmap-garbage", rmapGarbage],
  ["rmap-handshake", rmapHandshake],
  ["rmap-replay", rmapReplay],
  ["rmap-unknown-identity", rmapUnknownIdentity],
  ["slow-upload", slowUpload],
]);
