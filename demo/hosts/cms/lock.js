// Tabs, and a widget in a shadow root, which keeps the page's styles out.
jQuery(function ($) {
  $('.tab').click(function () {
    $('.panel').addClass('closed');
    $($(this).attr('href')).removeClass('closed');
    return false;
  });

  var root = $('#widget').get(0).attachShadow({ mode: 'open' });
  root.innerHTML = '<p>Camera on the roof</p><ms-slot stream="camera3"></ms-slot>';
  root.querySelector('ms-slot').deviceUrl = 'http://localhost:1984';
});
