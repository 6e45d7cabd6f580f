import { expect, test } from "vitest";
import { AddressSet, clientAddress, clientKey, isNetwork, plainAddress } from "./address.ts";

test.each([
  { address: "127.0.0.1", key: "127.0.0.1" },
  { address: "2001:db8:1:2:3:4:5:6", key: "2001:db8:1:2::/64" },
  { address: "2001:DB8::1", key: "2001:db8::/64" },
  { address: "2001:db8:0:7::9", key: "2001:db8:0:7::/64" },
  { address: "::1", key: "::/64" },
  { address: "64:ff9b::192.0.2.1", key: "64:ff9b::/64" },
  { address: "1:2:3::", key: "1:2:3::/64" },
])("$address is counted as $key", ({ address, key }) => {
  expect(clientKey(address)).toBe(key);
});

test.each([
  { text: "::ffff:192.0.2.7", address: "192.0.2.7" },
  { text: " 10.0.0.1 ", address: "10.0.0.1" },
  { text: "fe80::1%eth0", address: "fe80::1" },
  { text: "10.0.0.1:80", address: null },
  { text: "unknown", address: null },
  { text: "", address: null },
])("$text is the address $address", ({ text, address }) => {
  expect(plainAddress(text)).toBe(address);
});

test.each([
  { cidr: "10.0.0.0/8", isValid: true },
  { cidr: "10.0.0.1", isValid: true },
  { cidr: "::1/128", isValid: true },
  { cidr: "10.0.0.0/33", isValid: false },
  { cidr: "10.0.0.0/8/8", isValid: false },
  { cidr: "10.0.0/8", isValid: false },
  { cidr: "10.0.0.0/", isValid: false },
  { cidr: "localhost", isValid: false },
])("$cidr is a network: $isValid", ({ cidr, isValid }) => {
  expect(isNetwork(cidr)).toBe(isValid);
});

const proxies = new AddressSet(["10.0.0.0/8", "::1"]);

test.each([
  {
    what: "an untrusted peer is the client, whatever it claims",
    peer: "203.0.113.5",
    header: "1.2.3.4",
    client: "203.0.113.5",
  },
  { what: "a proxy names the client", peer: "10.0.0.1", header: "203.0.113.5", client: "203.0.113.5" },
  {
    what: "what a client put before is not believed",
    peer: "10.0.0.1",
    header: "1.2.3.4, 203.0.113.5",
    client: "203.0.113.5",
  },
  {
    what: "proxies behind proxies are passed",
    peer: "10.0.0.1",
    header: "203.0.113.5, 10.9.9.9",
    client: "203.0.113.5",
  },
  {
    what: "a list without a client ends at its left",
    peer: "10.0.0.1",
    header: "10.2.2.2, 10.9.9.9",
    client: "10.2.2.2",
  },
  { what: "nonsense ends the search", peer: "10.0.0.1", header: "1.2.3.4, nonsense", client: "10.0.0.1" },
  { what: "no header leaves the proxy", peer: "10.0.0.1", header: undefined, client: "10.0.0.1" },
  { what: "several headers are one list", peer: "::1", header: ["1.2.3.4", "203.0.113.5"], client: "203.0.113.5" },
])("$what", ({ peer, header, client }) => {
  expect(clientAddress(peer, header, proxies)).toBe(client);
});
