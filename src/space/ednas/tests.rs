//! The paper's tables as trunks and genomes.

use expect_test::expect;
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::named::{self, efficientnet_b0};
use super::*;

/// Table 6 of the paper, layers 1 to 16: kind, stride, kernel, filters, expansion.
const TABLE_6: &str = "\
FusedIBN 1 3 16 1
IBN 2 5 36 6
FusedIBN 1 5 24 6
FusedIBN 2 3 60 6
FusedIBN 1 3 40 3
FusedIBN 2 5 120 3
IBN 1 3 120 3
FusedIBN 1 5 80 6
FusedIBN 1 5 168 6
FusedIBN 1 5 84 3
FusedIBN 1 5 84 6
FusedIBN 2 5 288 3
FusedIBN 1 3 96 3
FusedIBN 1 3 96 6
FusedIBN 1 3 96 3
FusedIBN 1 5 160 6
";

/// Table 7 of the paper, as above; for the last kernel see the constant in `named.rs`.
const TABLE_7: &str = "\
FusedIBN 1 3 24 1
IBN 2 3 36 6
IBN 1 3 36 6
FusedIBN 2 5 40 6
FusedIBN 1 5 40 3
IBN 2 3 80 6
FusedIBN 1 3 120 3
FusedIBN 1 3 80 6
FusedIBN 1 3 168 3
FusedIBN 1 3 56 6
FusedIBN 1 3 112 3
FusedIBN 2 5 192 6
FusedIBN 1 3 192 6
IBN 1 5 192 3
IBN 1 5 192 3
FusedIBN 1 3 240 3
";

/// EfficientNet-B0 in the same form.
const B0: &str = "\
IBN 1 3 16 1
IBN 2 3 24 6
IBN 1 3 24 6
IBN 2 5 40 6
IBN 1 5 40 6
IBN 2 3 80 6
IBN 1 3 80 6
IBN 1 3 80 6
IBN 1 5 112 6
IBN 1 5 112 6
IBN 1 5 112 6
IBN 2 5 192 6
IBN 1 5 192 6
IBN 1 5 192 6
IBN 1 5 192 6
IBN 1 3 320 6
";

fn table(trunk: &Trunk) -> String {
    let row = |b: &Block| {
        let kind = match b.kind {
            BlockKind::Ibn => "IBN",
            BlockKind::FusedIbn => "FusedIBN",
        };
        format!(
            "{kind} {} {} {} {}\n",
            b.stride, b.kernel, b.filters, b.expansion
        )
    };
    trunk.blocks.iter().map(row).collect()
}

fn check_named(name: &str, expected_table: &str) {
    for fused in [FusedDefinition::Full, FusedDefinition::default()] {
        let trunk = named::trunk(name, fused).unwrap();
        assert_eq!(table(&trunk), expected_table);
        let genome = trunk.genome().unwrap();
        assert_eq!(Trunk::decode(fused, &genome).unwrap(), trunk);
        assert_eq!(trunk.text().unwrap().parse::<Trunk>().unwrap(), trunk);
    }
}

#[test]
fn table_6_is_a_genome() {
    check_named("ednas-t6", TABLE_6);
}

#[test]
fn table_7_is_a_genome() {
    check_named("ednas-t7", TABLE_7);
}

#[test]
fn efficientnet_b0_is_a_genome() {
    check_named("efficientnet-b0", B0);
    let text = efficientnet_b0(FusedDefinition::default()).text().unwrap();
    expect!["ednas/late-separable:9/i3x1,i3x1e6,i3x1e6,i5x1e6,i5x1e6,i3x1e6,i3x1e6,i3x1e6,i5x1e6,i5x1e6,i5x1e6,i5x1e6,i5x1e6,i5x1e6,i5x1e6,i3x1e6"].assert_eq(&text);
}

#[test]
fn every_name_is_known() {
    for name in named::NAMES {
        assert!(
            named::trunk(name, FusedDefinition::Full).is_some(),
            "{name}"
        );
    }
    assert_eq!(named::trunk("resnet", FusedDefinition::Full), None);
}

#[test]
fn blocks_outside_the_space_are_refused() {
    let b0 = efficientnet_b0(FusedDefinition::default());
    let refusal = |index: usize, change: fn(&mut Block)| {
        let mut trunk = b0;
        change(&mut trunk.blocks[index]);
        trunk.genome().unwrap_err().to_string()
    };
    expect!["decision `block01.expansion` is 6; allowed: 1"]
        .assert_eq(&refusal(0, |b| b.expansion = 6));
    expect!["decision `block03.kernel` is 7; allowed: 3, 5"]
        .assert_eq(&refusal(2, |b| b.kernel = 7));
    expect!["decision `block09.filters` is 113; allowed: 56, 84, 112, 168"]
        .assert_eq(&refusal(8, |b| b.filters = 113));
    expect!["decision `block16.stride` is 2; allowed: 1"].assert_eq(&refusal(15, |b| b.stride = 2));
}

#[test]
fn definitions_read_back_and_say_where_blocks_are_separable() {
    let default = FusedDefinition::default();
    assert_eq!(default.to_string(), "late-separable:9");
    assert_eq!(default.to_string().parse(), Ok(default));
    assert_eq!("full".parse(), Ok(FusedDefinition::Full));
    assert!(!default.is_separable(8) && default.is_separable(9));
    assert!(!FusedDefinition::Full.is_separable(16));
    let message = "late-separable:0"
        .parse::<FusedDefinition>()
        .unwrap_err()
        .to_string();
    expect!["unknown fused definition `late-separable:0`: expected `full` or `late-separable:N` with N from 1 to 16"].assert_eq(&message);
}

proptest! {
    #[test]
    fn decode_and_genome_are_inverse(seed: u64) {
        let fused = FusedDefinition::default();
        let genome = space(fused).sample(&mut Pcg64Mcg::seed_from_u64(seed));
        let trunk = Trunk::decode(fused, &genome).unwrap();
        prop_assert_eq!(trunk.genome().unwrap(), genome);
    }
}
