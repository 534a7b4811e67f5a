//! The example of the README.

use datto_sandbox::{Change, Fault, Product, Sandbox};

#[tokio::test(start_paused = true)]
async fn a_sync_survives_a_bad_minute() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::builder().devices(1_200).seed(7).start().await?;
    sandbox.inject(Fault::status(503).product(Product::Rmm).path_contains("/v2/account/devices").times(2));

    // Run your code against sandbox.rmm_url() with this pair, and compare what it found with the truth.
    let (_key, _secret) = sandbox.rmm_key();
    assert_eq!(sandbox.truth().rmm.total_devices, 1_200);

    // Let the world change, and run your code again.
    sandbox.change(Change::DeleteDevice { device: None })?;
    Ok(())
}
