//! Agents and shares of appliances.

use datto_common::internal::{Answer, read_all};
use datto_common::{ErrorKind, Request, Result};

use crate::screenshot::Screenshot;
use crate::{Asset, SerialNumber, Volume, operations};

datto_common::api! {
    /// Agents and shares of appliances, from [`BcdrClient::assets`](crate::BcdrClient::assets).
    pub struct AssetsApi;
}

datto_common::list_builder! {
    /// Lists assets of an appliance: [`AssetsApi::list`], [`AssetsApi::agents`], [`AssetsApi::shares`].
    pub struct ListAssets -> Asset, by volume {}
}

impl AssetsApi {
    /// Lists the agents and shares of an appliance, those that were never backed up and archived ones included.
    ///
    /// `GET /bcdr/device/{serialNumber}/asset` · read · official
    ///
    /// Every shape that was observed is read: pages, a bare array, an object keyed by index. Another shape is an error, never an empty list.
    ///
    /// # Errors
    /// `NotFound` if there is no such appliance.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// for asset in bcdr.assets().list("D05099000001").collect().await? {
    ///     println!("{}: {:?}", asset.label(), asset.last_snapshot);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, serial_number: impl Into<SerialNumber>) -> ListAssets {
        self.core.call(&operations::ASSETS_LIST, [serial_number.into().as_str()]).list()
    }

    /// Lists the agents of an appliance. Their records may lack the kind (observed).
    ///
    /// `GET /bcdr/device/{serialNumber}/asset/agent` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is no such appliance.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let agents = bcdr.assets().agents("D05099000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn agents(&self, serial_number: impl Into<SerialNumber>) -> ListAssets {
        self.core.call(&operations::ASSETS_AGENTS, [serial_number.into().as_str()]).list()
    }

    /// Lists the shares of an appliance. Their records may lack the kind (observed).
    ///
    /// `GET /bcdr/device/{serialNumber}/asset/share` · read · official
    ///
    /// # Errors
    /// `NotFound` if there is no such appliance.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let shares = bcdr.assets().shares("D05099000001").collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn shares(&self, serial_number: impl Into<SerialNumber>) -> ListAssets {
        self.core.call(&operations::ASSETS_SHARES, [serial_number.into().as_str()]).list()
    }

    /// Gets one asset by its volume, which is not its display name.
    ///
    /// `GET /bcdr/device/{serialNumber}/asset/{volume}` · read · observed
    ///
    /// # Errors
    /// `NotFound` if there is none: the service answers 200 with an empty array then (observed).
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let asset = bcdr.assets().get("D05099000001", "0123456789abcdef0123456789abcdef").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, serial_number: impl Into<SerialNumber>, volume: impl Into<Volume>) -> Request<Asset> {
        let (serial_number, volume) = (serial_number.into(), volume.into());
        self.core.call(&operations::ASSETS_GET, [serial_number.as_str(), volume.as_str()]).read(only_asset)
    }

    /// Downloads the last screenshot of the machine that was started from the asset's backup.
    ///
    /// `GET /bcdr/device/{serialNumber}/asset/{volume}/screenshot/latest` · read · observed · an image
    ///
    /// # Errors
    /// `NotFound` if there is none; `Decode` if what comes is no image.
    ///
    /// ```no_run
    /// # async fn run(bcdr: datto_bcdr::BcdrClient) -> datto_bcdr::Result<()> {
    /// let screenshot = bcdr.assets().screenshot("D05099000001", "0123456789abcdef0123456789abcdef").await?;
    /// println!("{} bytes of {}", screenshot.bytes.len(), screenshot.media_type);
    /// # Ok(())
    /// # }
    /// ```
    pub fn screenshot(&self, serial_number: impl Into<SerialNumber>, volume: impl Into<Volume>) -> Request<Screenshot> {
        let (serial_number, volume) = (serial_number.into(), volume.into());
        Screenshot::of(self.core.call(&operations::ASSETS_SCREENSHOT, [serial_number.as_str(), volume.as_str()]))
    }
}

fn only_asset(answer: &Answer) -> Result<Asset> {
    // The array is the list of the appliance, filtered: with a hole at its beginning it comes keyed by index (guess).
    let mut assets = read_all::<Asset>(answer, &operations::ASSETS)?;
    match (assets.pop(), assets.is_empty()) {
        (Some(asset), true) => Ok(asset),
        (None, _) => Err(answer
            .error(ErrorKind::NotFound, "no such asset: the answer is an empty list")
            .with_hint("an asset is found by its volume, 32 hexadecimal digits, not by its name or asset id")),
        (Some(_), false) => Err(answer.unreadable("several assets where one should be")),
    }
}
