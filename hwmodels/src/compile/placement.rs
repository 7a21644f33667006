//! Addresses of the activations on the chip: first fit, in the order they come to life.

/// First and last unit of a buffer's life on the chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) first: usize,
    pub(super) last: usize,
}

/// A placed activation.
#[derive(Clone, Copy, Debug)]
struct Placed {
    first_byte: u64,
    end_byte: u64,
    last: usize,
}

/// Gives each of `buffers` (number, life, bytes; in any order) the lowest address at which it
/// overlaps none that lives at the same time, and each unit the end of the highest one in use.
pub(super) fn place(
    buffers: impl Iterator<Item = (usize, Life, u64)>,
    addresses: &mut [Option<u64>],
    in_use_bytes: &mut [u64],
) {
    let mut newborn: Vec<(usize, Life, u64)> = buffers.collect();
    newborn.sort_by_key(|(buffer, life, _)| (life.first, *buffer));
    let mut newborn = newborn.into_iter().peekable();
    // Those alive, by address.
    let mut alive: Vec<Placed> = Vec::new();
    for (unit, in_use) in in_use_bytes.iter_mut().enumerate() {
        alive.retain(|placed| placed.last >= unit);
        while let Some((buffer, life, bytes)) = newborn.next_if(|(_, life, _)| life.first == unit) {
            let (position, first_byte) = lowest_gap(&alive, bytes);
            addresses[buffer] = Some(first_byte);
            let placed = Placed {
                first_byte,
                end_byte: first_byte + bytes,
                last: life.last,
            };
            alive.insert(position, placed);
        }
        *in_use = alive
            .iter()
            .map(|placed| placed.end_byte)
            .max()
            .unwrap_or(0);
    }
}

/// Where among `alive` a buffer of `bytes` goes, and its address.
fn lowest_gap(alive: &[Placed], bytes: u64) -> (usize, u64) {
    let mut free = 0;
    for (position, placed) in alive.iter().enumerate() {
        if placed.first_byte.saturating_sub(free) >= bytes && placed.first_byte >= free {
            return (position, free);
        }
        free = free.max(placed.end_byte);
    }
    (alive.len(), free)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// No two activations that live at the same time share a byte, and every unit is told the
        /// highest byte that lives while it runs.
        #[test]
        fn nothing_overlaps(lives in prop::collection::vec((0..12_usize, 0..6_usize, 0..50_u64), 1..20)) {
            let buffers: Vec<(usize, Life, u64)> = lives
                .iter()
                .enumerate()
                .map(|(buffer, &(first, more, bytes))| (buffer, Life { first, last: first + more }, bytes))
                .collect();
            let mut addresses = vec![None; buffers.len()];
            let mut in_use = vec![0; 20];
            place(buffers.iter().copied(), &mut addresses, &mut in_use);
            for &(a, life_a, bytes_a) in &buffers {
                let start_a = addresses[a].unwrap();
                for &(b, life_b, bytes_b) in buffers.iter().filter(|(b, _, _)| *b > a) {
                    let start_b = addresses[b].unwrap();
                    let together = life_a.first <= life_b.last && life_b.first <= life_a.last;
                    let apart = start_a + bytes_a <= start_b || start_b + bytes_b <= start_a;
                    prop_assert!(!together || apart, "{a} and {b}");
                }
            }
            for (unit, in_use) in in_use.iter().enumerate() {
                let ends = buffers
                    .iter()
                    .filter(|(_, life, _)| life.first <= unit && unit <= life.last)
                    .map(|(buffer, _, bytes)| addresses[*buffer].unwrap() + bytes);
                prop_assert_eq!(*in_use, ends.max().unwrap_or(0));
            }
        }
    }
}
