//! Projects: the folders at the top.

use crate::{Item, Metadata, envelope, operations};

datto_common::api! {
    /// Projects, from [`WorkplaceClient::projects`](crate::WorkplaceClient::projects). They are made, renamed and deleted in
    /// Workplace Online: the API was never seen to do that.
    pub struct ProjectsApi;
}

datto_common::call_builder! {
    /// Lists projects: [`ProjectsApi::list`].
    pub struct ListProjects -> Vec<Item> {
        /// Asks for more fields (guess: that this call takes it).
        metadata: Metadata => "metadata",
    }
}

impl ProjectsApi {
    /// Lists the projects that are shared with the integration. None shared is an empty list, no error (guess).
    ///
    /// `GET /file/projects` · read · observed
    ///
    /// # Errors
    /// `Unauthenticated` if the pair is wrong; `Decode` if the answer has no list.
    ///
    /// ```no_run
    /// # async fn run(files: datto_workplace::WorkplaceClient) -> datto_workplace::Result<()> {
    /// for project in files.projects().list().await? {
    ///     println!("{} {}", project.id, project.name.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListProjects {
        ListProjects(self.core.call(&operations::PROJECTS_LIST, []).read(envelope::list))
    }
}
