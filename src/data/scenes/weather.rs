//! Sun, sky and fog of a scene, and the light they throw on a surface.

use super::noise::{clouds2, ramp};
use super::random::Stream;
use super::vector::{Vec3, gray, vec3};

/// The light of one scene; colors are linear.
#[derive(Clone, Debug)]
pub(super) struct Weather {
    /// Unit vector toward the sun, or toward the bright part of a covered sky.
    pub(super) sun: Vec3,
    /// Half width of the light source over its distance: 0.01 sharp, 0.6 overcast.
    pub(super) softness: f32,
    sun_color: Vec3,
    ambient: Vec3,
    zenith: Vec3,
    horizon: Vec3,
    cloud_cover: f32,
    cloud_seed: u32,
    /// Share of light lost per meter.
    fog_per_m: f32,
    exposure: f32,
    /// White balance of the camera.
    tint: Vec3,
    /// Standard deviation of the sensor, of full scale.
    pub(super) sensor_noise: f32,
}

impl Weather {
    /// Clear, cloudy, overcast, foggy or low evening sun.
    pub(super) fn random(random: &mut Stream) -> Self {
        let side = random.range(-2.9, 2.9);
        let kind = random.pick(&[
            Sky::Clear,
            Sky::Clear,
            Sky::Cloudy,
            Sky::Cloudy,
            Sky::Overcast,
            Sky::Overcast,
            Sky::Fog,
            Sky::Evening,
        ]);
        let look = kind.look();
        let up = random.range(look.height.0, look.height.1);
        let balance = random.range(-0.06, 0.06);
        Self {
            sun: vec3(side.sin(), up, side.cos()).unit(),
            softness: look.softness,
            sun_color: look.sun,
            ambient: look.ambient,
            zenith: look.zenith,
            horizon: look.horizon,
            cloud_cover: look.clouds + random.range(-0.08, 0.08),
            cloud_seed: random.seed(),
            fog_per_m: look.fog * random.range(0.6, 1.5),
            exposure: random.range(0.75, 1.25),
            tint: vec3(1.0 + balance, 1.0, 1.0 - balance),
            sensor_noise: random.range(0.004, 0.016),
        }
    }

    /// The sky in a direction.
    pub(super) fn sky(&self, direction: Vec3) -> Vec3 {
        let up = direction.y.max(0.0);
        let mut color = self.horizon.mix(self.zenith, ramp(up, -0.15, 0.6));
        let glow = direction.dot(self.sun).max(0.0);
        let glow = glow * glow * glow * glow;
        color += self.sun_color * (glow * glow * 0.12);
        if up > 0.01 {
            let (u, v) = (direction.x / (up + 0.12), direction.z / (up + 0.12));
            let cloud = clouds2(u * 0.9, v * 0.9, self.cloud_seed);
            let cover =
                ramp(cloud, 1.0 - self.cloud_cover, 1.25 - self.cloud_cover) * ramp(up, 0.0, 0.12);
            let body = gray(0.72 + 0.3 * cloud).tint(self.horizon.mix(gray(1.0), 0.6));
            color = color.mix(body, cover * 0.85);
        }
        color
    }

    /// Light sent back by a matte surface: sky from above, bounce from below, and the sun where
    /// `sunlit` (0 in shade, 1 in the open).
    pub(super) fn light(&self, albedo: Vec3, normal: Vec3, sunlit: f32) -> Vec3 {
        let sky = self.ambient * (0.62 + 0.38 * normal.y) * (0.86 + 0.14 * sunlit);
        let sun = self.sun_color * (normal.dot(self.sun).max(0.0) * sunlit);
        albedo.tint(sky + sun)
    }

    /// What fog leaves of `color` after `distance_m`.
    pub(super) fn through_fog(&self, color: Vec3, distance_m: f32) -> Vec3 {
        let kept = 1.0 / (1.0 + self.fog_per_m * distance_m);
        self.horizon.mix(color, kept * kept)
    }

    /// Display values in 0..1 of linear light: exposure, white balance, shoulder, gamma 2.
    pub(super) fn develop(&self, light: Vec3) -> Vec3 {
        let v = light.tint(self.tint) * self.exposure;
        let tone = |c: f32| {
            (c * (1.0 + c * 0.18) / (1.0 + c * 0.55))
                .max(0.0)
                .sqrt()
                .min(1.0)
        };
        vec3(tone(v.x), tone(v.y), tone(v.z))
    }
}

#[derive(Clone, Copy)]
enum Sky {
    Clear,
    Cloudy,
    Overcast,
    Fog,
    Evening,
}

struct Look {
    height: (f32, f32),
    softness: f32,
    sun: Vec3,
    ambient: Vec3,
    zenith: Vec3,
    horizon: Vec3,
    clouds: f32,
    fog: f32,
}

impl Sky {
    fn look(self) -> Look {
        let clear = Look {
            height: (0.5, 1.6),
            softness: 0.004,
            sun: vec3(1.75, 1.62, 1.4),
            ambient: vec3(0.52, 0.60, 0.72),
            zenith: vec3(0.16, 0.32, 0.66),
            horizon: vec3(0.62, 0.74, 0.88),
            clouds: 0.28,
            fog: 0.0006,
        };
        match self {
            Self::Clear => clear,
            Self::Cloudy => Look {
                softness: 0.007,
                sun: vec3(1.25, 1.18, 1.05),
                ambient: vec3(0.64, 0.68, 0.74),
                zenith: vec3(0.30, 0.42, 0.62),
                horizon: vec3(0.76, 0.81, 0.87),
                clouds: 0.52,
                fog: 0.0012,
                ..clear
            },
            Self::Overcast => Look {
                height: (2.0, 4.0),
                softness: 0.5,
                sun: gray(0.34),
                ambient: vec3(0.92, 0.95, 0.98),
                zenith: vec3(0.62, 0.66, 0.70),
                horizon: vec3(0.86, 0.88, 0.89),
                clouds: 0.75,
                fog: 0.0022,
            },
            Self::Fog => Look {
                height: (2.0, 4.0),
                softness: 0.5,
                sun: gray(0.18),
                ambient: vec3(0.84, 0.86, 0.88),
                zenith: vec3(0.72, 0.74, 0.76),
                horizon: vec3(0.74, 0.76, 0.77),
                clouds: 0.3,
                fog: 0.008,
            },
            Self::Evening => Look {
                height: (0.18, 0.4),
                softness: 0.004,
                sun: vec3(1.7, 1.15, 0.66),
                ambient: vec3(0.44, 0.46, 0.60),
                zenith: vec3(0.22, 0.32, 0.58),
                horizon: vec3(0.96, 0.74, 0.52),
                clouds: 0.4,
                fog: 0.0018,
            },
        }
    }
}
