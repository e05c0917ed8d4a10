import { ApplicationRef } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { App } from './app';

bootstrapApplication(App).then((application) => {
  const root = application.injector.get(ApplicationRef).components[0].instance as App;
  root.leave = () => application.destroy();
});
