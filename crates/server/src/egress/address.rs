//! Which addresses may be connected to: those that are reachable by everybody, and what the operator allows besides.
//!
//! By the registries of special addresses (RFC 6890 and what IANA has added). An IPv6 address that carries an IPv4 address
//! inside (mapped, NAT64, 6to4, ISATAP) is judged by that one too.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Plain HTTP goes only where the operator allows; HTTPS to public addresses as well.
pub fn may_reach(address: IpAddr, is_https: bool, allow: &[IpNet]) -> bool {
    let address = address.to_canonical();
    allow.iter().any(|range| range.contains(&address)) || (is_https && is_public(address))
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Ranges of IPv4 that aren't everybody's, as address and length of the prefix.
const SPECIAL_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),        // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // carriers' shared space
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local, where clouds serve their metadata
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // relays of 6to4, given up
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),      // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),      // reserved, and broadcast
    (Ipv4Addr::new(168, 63, 129, 16), 32), // a cloud's metadata on a public address
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let starts_with = |(range, length): &(Ipv4Addr, u32)| (address.to_bits() ^ range.to_bits()) >> (32 - length) == 0;
    !SPECIAL_V4.iter().any(starts_with)
}

/// Ranges inside 2000::/3, the only one given out, that aren't everybody's.
const SPECIAL_V6: [(Ipv6Addr, u32); 3] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),      // protocol assignments, Teredo among them
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),      // documentation
];

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    let starts_with = |(range, length): &(Ipv6Addr, u32)| (address.to_bits() ^ range.to_bits()) >> (128 - length) == 0;
    match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(v4(high, low)),
        [0x2002, high, low, ..] => is_public_v4(v4(high, low)),
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] if !is_public_v4(v4(high, low)) => false,
        _ => segments[0] >> 13 == 1 && !SPECIAL_V6.iter().any(starts_with),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        may_reach(text.parse().unwrap(), true, &[])
    }

    #[test]
    fn special_addresses_are_not_public() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:127.0.0.1",
            "::127.0.0.1",
            "::8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:c0a8:101::1",
            "3fff::1",
            "3fff:fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "2600::5efe:10.0.0.1",
            "2600::200:5efe:127.0.0.1",
        ] {
            assert!(!public(text), "{text}");
        }
    }

    #[test]
    fn everybodys_addresses_are_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2600::5efe:8.8.8.8",
        ] {
            assert!(public(text), "{text}");
        }
    }

    #[test]
    fn the_operator_allows_more_and_plain_http_goes_nowhere_else() {
        let allow: Vec<IpNet> = ["127.0.0.0/8", "fd00::/8"].iter().map(|range| range.parse().unwrap()).collect();
        for (text, https, plain) in [
            ("127.0.0.1", true, true),
            ("::ffff:127.0.0.1", true, true),
            ("fd00::7", true, true),
            ("10.0.0.1", false, false),
            ("64:ff9b::7f00:1", false, false),
            ("8.8.8.8", true, false),
        ] {
            let address = text.parse().unwrap();
            assert_eq!((may_reach(address, true, &allow), may_reach(address, false, &allow)), (https, plain), "{text}");
        }
    }

    /// The registries once more, written as their ranges.
    const NOT_EVERYBODYS: [&str; 16] = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",
    ];

    /// An address as text, or else as its bytes.
    fn address_of(bytes: &[u8]) -> Option<IpAddr> {
        let text = std::str::from_utf8(bytes).ok().and_then(|text| text.trim().parse().ok());
        let v6 = || bytes.first_chunk::<16>().map(|octets| IpAddr::from(*octets));
        text.or_else(v6).or_else(|| bytes.first_chunk::<4>().map(|octets| IpAddr::from(*octets)))
    }

    fn any_address(bytes: &[u8]) -> fuzz::Seen {
        let Some(address) = address_of(bytes) else { return 0 };
        let reached = may_reach(address, true, &[]);
        assert!(!may_reach(address, false, &[]), "plain http to where nobody allowed it: {address}");
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                let special = NOT_EVERYBODYS.iter().any(|range| range.parse::<IpNet>().unwrap().contains(&IpAddr::V4(v4)));
                assert_eq!(reached, !special, "{v4}");
                // Inside an IPv6 address, in every form that carries one.
                let [a, b] = [v4.to_bits() >> 16, v4.to_bits() & 0xffff];
                for carried in [format!("::ffff:{v4}"), format!("64:ff9b::{a:x}:{b:x}"), format!("2002:{a:x}:{b:x}::1"), format!("2600::5efe:{v4}")] {
                    assert_eq!(may_reach(carried.parse().unwrap(), true, &[]), reached, "{carried}");
                }
            }
            IpAddr::V6(v6) => {
                let is_inner = v6.is_loopback() || v6.is_unspecified() || v6.is_multicast() || v6.is_unique_local() || v6.is_unicast_link_local();
                assert!(!reached || !is_inner, "{v6}");
            }
        }
        let host: IpNet = address.to_canonical().into();
        assert!(may_reach(address, true, &[host]) && may_reach(address, false, &[host]), "allowed by name: {address}");
        fuzz::seen((reached, address.is_ipv4(), address.to_canonical().is_ipv4()))
    }

    const ANY_ADDRESS: fuzz::Target = fuzz::Target {
        name: "address",
        corpus: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"),
        words: &[
            "::ffff:",
            "64:ff9b::",
            "2002:",
            "fe80::",
            "127.0.0.1",
            "10.",
            "169.254.169.254",
            "::",
            "255",
            "0x7f",
            "100.64",
            "2001:db8::",
            "[",
            "]",
            "%eth0",
        ],
        run: any_address,
    };

    #[test]
    fn any_address_is_judged_as_the_registries_say() {
        fuzz::hold(&ANY_ADDRESS);
    }

    #[test]
    #[ignore = "takes longer: a part of ./test --long"]
    fn any_address_is_judged_as_the_registries_say_for_long() {
        fuzz::hold_for_long(&ANY_ADDRESS);
    }
}
