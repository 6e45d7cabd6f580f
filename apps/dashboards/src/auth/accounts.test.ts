import { VirtualClock } from "@tatou/model";
import { openSqlite } from "@tatou/sql";
import { expect, test } from "vitest";
import { migrations, type Tables } from "../store/schema.ts";
import { Accounts } from "./accounts.ts";

const day = 86_400_000;

test("a session lives on while it is used, ends after a week without use, and after thirty days in any case", async () => {
  const { db, close } = await openSqlite<Tables>({ path: ":memory:", migrations });
  const clock = new VirtualClock(1_700_000_000_000);
  const accounts = new Accounts(db, clock);
  await accounts.ensureAdmin("admin", "admin");
  const account = await accounts.checkPassword("admin", "admin");

  const idle = await accounts.openSession(account);
  const used = await accounts.openSession(account);
  for (let days = 6; days < 30; days += 6) {
    await clock.advance(6 * day);
    expect(await accounts.accountOfSession(used)).toMatchObject({ login: "admin" });
  }
  expect(await accounts.accountOfSession(idle)).toBeNull();
  await clock.advance(6 * day);
  expect(await accounts.accountOfSession(used)).toBeNull();
  await close();
});
