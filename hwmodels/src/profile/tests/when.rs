//! Which machine a measurement means.

use crate::profile::{Named, Profile, ProfileFile, Setup, names};

const ALL: Named = Named {
    device: true,
    link: true,
    host: true,
    clock: true,
};

/// What `coral-edgetpu` makes of device, link, host and clock, as they were written down.
fn coral(words: [&str; 4]) -> (String, Named) {
    let [device, link, host, clock] = words;
    let setup = Setup {
        device,
        link,
        host,
        clock,
    };
    let file = ProfileFile::named("coral-edgetpu").unwrap();
    let meant = file.meant_by(&setup).unwrap();
    (meant.modes.join("+"), meant.named)
}

#[test]
fn words_of_people_who_measured_mean_modes() {
    const UNSTATED: &str = "Edge TPU, form factor not stated (numbers fit PCIe/M.2 or Dev Board \
                            class, NOT USB)";
    let usb = "USB Accelerator";
    let jetson_10w = "Jetson Nano 10W mode (inferred from 10W/5W labels)";
    let jetson_5w = "Jetson Nano 5W mode (inferred from 10W/5W labels)";
    let on_board = "on-board PCIe gen2 x1";
    let no_clock = Named {
        clock: false,
        ..ALL
    };
    let no_host = Named {
        host: false,
        ..no_clock
    };
    for (words, modes, named) in [
        (
            [usb, "USB3.0", "desktop (Xeon)", "max (C++ benchmark)"],
            "",
            ALL,
        ),
        ([usb, "USB3.0", "unstated", ""], "", no_host),
        ([usb, "USB3.0", "Pentium III", ""], "", no_host),
        ([usb, "USB3.0", "iMac 2015", ""], "mac", no_clock),
        ([usb, "USB3.0", "Raspberry Pi 4B", "std"], "std+rpi4", ALL),
        ([usb, "USB2.0", "Raspberry Pi 4B", ""], "usb2", no_host),
        (
            [usb, "USB2.0", "Raspberry Pi 3B+", ""],
            "usb2+rpi3",
            no_clock,
        ),
        ([usb, "USB3.0", jetson_10w, ""], "jetson-nano", no_clock),
        ([usb, "USB3.0", jetson_5w, ""], "jetson-nano-5w", no_clock),
        (
            [usb, "USB2.0", jetson_10w, ""],
            "usb2+jetson-nano-usb2",
            no_clock,
        ),
        (
            [usb, "USB2.0", jetson_5w, ""],
            "usb2+jetson-nano-5w-usb2",
            no_clock,
        ),
        (["Dev Board", on_board, "", ""], "dev-board", no_clock),
        (["Dev Board", on_board, "i.MX 8M", "max"], "dev-board", ALL),
        (
            [UNSTATED, "unstated", "unstated x86-class", ""],
            "pcie",
            no_clock,
        ),
        (
            ["Coral M.2 Accelerator", "", "desktop", "500 MHz"],
            "pcie",
            ALL,
        ),
        (
            [
                "Coral Edge TPU",
                "unstated; fits USB 3 or PCIe",
                "",
                "unstated",
            ],
            "",
            Named {
                device: true,
                ..Named::default()
            },
        ),
        (["Ethos-U55", "", "", ""], "", Named::default()),
    ] {
        assert_eq!(coral(words), (modes.to_owned(), named), "{words:?}");
    }
}

#[test]
fn a_when_is_no_part_of_the_machine() {
    let file = ProfileFile::named("coral-edgetpu").unwrap();
    let base = file.base().unwrap();
    assert_eq!(
        file.with_modes(&["mac"]).unwrap().raw().when,
        base.raw().when
    );
}

#[test]
fn faults_are_found_where_they_stand() {
    let coral = ProfileFile::named("coral-edgetpu").unwrap().text();
    for (from, to, parts) in [
        (
            "when.links = [\"usb 2\", \"usb2\"]",
            "when.links = []",
            &["when.links", "at least one word"][..],
        ),
        (
            "when.links = [\"usb 2\", \"usb2\"]",
            "when = {}",
            &["when is empty", "devices, links"],
        ),
        (
            "when.links = [\"usb 2\", \"usb2\"]",
            "when.link = [\"usb 2\"]",
            &["unknown key `link`", "did you mean `links`"],
        ),
        (
            "when.links = [\"usb 2\", \"usb2\"]",
            "when.links = \"usb 2\"",
            &["when.links is the text", "a list"],
        ),
        (
            "when.links = [\"usb 2\", \"usb2\"]",
            "when = 2",
            &["when is 2", "a table"],
        ),
    ] {
        assert!(coral.contains(from), "{from}");
        let text = coral.replacen(from, to, 1);
        let line = text.lines().position(|line| line == to).unwrap() + 1;
        let file = ProfileFile::parse(&text, "my.toml").unwrap();
        for error in [
            file.with_modes(&["usb2"]).unwrap_err(),
            file.meant_by(&Setup::default()).unwrap_err(),
        ] {
            let message = error.to_string();
            let place = format!("my.toml:{line}:");
            let told = [&[place.as_str()], parts].concat();
            assert!(told.iter().all(|part| message.contains(part)), "{message}");
        }
        assert!(file.base().is_ok());
    }
    let text = coral.replacen("[when]\n", "[when]\nname = 1\n", 1);
    let error = Profile::parse(&text, "my.toml").unwrap_err().to_string();
    assert!(error.contains("unknown key `name` in [when]"), "{error}");
}

/// No text of a device means two of the machines that ship.
#[test]
fn machines_that_ship_do_not_share_their_words() {
    let devices = |name| -> Vec<String> {
        let raw = Profile::named(name).unwrap().raw().clone();
        raw.when.and_then(|when| when.devices).unwrap_or_default()
    };
    for (name, other) in names().flat_map(|a| names().map(move |b| (a, b))) {
        for word in devices(name).iter().filter(|_| name != other) {
            let setup = Setup {
                device: word,
                ..Setup::default()
            };
            let file = ProfileFile::named(other).unwrap();
            assert!(
                !file.meant_by(&setup).unwrap().named.device,
                "{name}, {other}: {word}"
            );
        }
    }
}
